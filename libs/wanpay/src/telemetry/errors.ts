import { WanPayError } from '../protocol/index.js';

/** `openTelemetry()` needs the host to have `@opentelemetry/api` installed. */
export class OpenTelemetryMissingError extends WanPayError {
  readonly code = 'open_telemetry_missing';

  constructor(cause: unknown) {
    super('openTelemetry() needs the package @opentelemetry/api: npm install @opentelemetry/api.', { cause });
  }
}

/** One `openTelemetry()` was given to two instances, whose figures would be mixed. */
export class TelemetryInUseError extends WanPayError {
  readonly code = 'telemetry_in_use';

  constructor(first: string, second: string) {
    super(
      `The instances ${first} and ${second} have the same telemetry. Call openTelemetry() once for each instance of WanPayModule.`,
    );
  }
}
