import { WanPayError } from '../protocol/index.js';

/** One `openTelemetry()` was given to two instances, whose figures would be mixed. */
export class TelemetryInUseError extends WanPayError {
  readonly code = 'telemetry_in_use';

  constructor(first: string, second: string) {
    super(
      `The instances ${first} and ${second} have the same telemetry. Call openTelemetry() once for each instance of WanPayModule.`,
    );
  }
}
