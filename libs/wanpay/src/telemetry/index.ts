export type { LogCode, LogLevel } from '../logging/log-codes.js';
export { type LogFields, StructuredLogger } from '../logging/structured-logger.js';
export type { NotificationResult, Observer, Occurrence, Operation } from '../observation/observer.js';
export type { ObservedInstance, Telemetry } from '../wanpay.status.js';
export type { Identifier } from './attributes.js';
export { OpenTelemetryMissingError, TelemetryInUseError } from './errors.js';
export { openTelemetry, type OpenTelemetryOptions } from './open-telemetry.js';
