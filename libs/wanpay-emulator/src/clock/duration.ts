import { InvalidArgumentError } from '../errors.js';

/** A span of time by its parts, which add up; or a number of milliseconds. */
export type Duration =
  | number
  | {
      readonly days?: number | undefined;
      readonly hours?: number | undefined;
      readonly minutes?: number | undefined;
      readonly seconds?: number | undefined;
    };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A duration in milliseconds.
 *
 * @throws InvalidArgumentError when it is negative or no number: time does not go back
 */
export function toMilliseconds(duration: Duration): number {
  const milliseconds =
    typeof duration === 'number'
      ? duration
      : (duration.days ?? 0) * DAY_MS +
        (duration.hours ?? 0) * HOUR_MS +
        (duration.minutes ?? 0) * MINUTE_MS +
        (duration.seconds ?? 0) * SECOND_MS;
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new InvalidArgumentError('duration', 'must be zero or more; time does not go back.');
  }
  return milliseconds;
}
