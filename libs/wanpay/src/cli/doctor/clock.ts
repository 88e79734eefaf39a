import { TIMESTAMP_VALIDITY_SECONDS } from '../../protocol/index.js';
import { type Finding, reporter } from './finding.js';
import type { PlatformProbe } from './platform-probe.js';

const report = reporter('clock');
const TOLERATED_SECONDS = 60;
/** HTTP writes whole seconds: on average it is half a second later than it says. */
const ROUNDING_MS = 500;
const ADVICE = 'Have this machine’s clock set by NTP.';

/** By how many seconds this machine's clock is ahead of the platform's; undefined when the platform did not tell. */
export function clockSkew({ response }: PlatformProbe): number | undefined {
  if (!response?.date) return undefined;
  return Math.round((response.halfWay.getTime() - response.date.getTime() - ROUNDING_MS) / 1000);
}

/** Whether a clock is so far off that the platform refuses what we sign, and we what it signs. */
export function isInvalidating(skew: number | undefined): boolean {
  return skew !== undefined && Math.abs(skew) > TIMESTAMP_VALIDITY_SECONDS;
}

/** Compares this machine's clock with the `Date` that the platform's reply carries. */
export function checkClock(probe: PlatformProbe): Finding {
  const skew = clockSkew(probe);
  if (skew === undefined) return report.skipped('The platform’s clock is not known: no reply with a Date came.');
  if (skew === 0) return report.ok('This machine’s clock agrees with the platform’s.');
  const off = `This machine’s clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} the platform’s`;
  if (Math.abs(skew) <= TOLERATED_SECONDS) return report.ok(`${off}.`);
  const validity = `timestamps are valid for ${TIMESTAMP_VALIDITY_SECONDS / 60} minutes`;
  if (!isInvalidating(skew)) return report.warning('skewed', `${off}; ${validity}.`, ADVICE);
  return report.failure('skewed', `${off}; ${validity}, so each side refuses what the other signs.`, ADVICE);
}
