const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The platform repeats a notification for nine minutes, so an older one than this was replayed by somebody else. */
const LONGEST_DELAY_MS = 7 * DAY_MS;

/** Whether a message is too old to cause a query. */
export function isTooOld(timestamp: Date, now: Date): boolean {
  return now.getTime() - timestamp.getTime() > LONGEST_DELAY_MS;
}

/** Why a notification is stale, with what to do about it, in words. */
export function describeStaleness(timestamp: Date, now: Date, windowSeconds: number): string {
  const offset = now.getTime() - timestamp.getTime();
  const side = offset > 0 ? 'behind' : 'ahead of';
  return (
    `Its timestamp is ${inWords(Math.abs(offset))} ${side} this host's clock, and ${inWords(windowSeconds * SECOND_MS)} ` +
    'are allowed. Check that the clock is right.'
  );
}

function inWords(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / SECOND_MS)} seconds`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} minutes`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} hours`;
  return `${Math.round(ms / DAY_MS)} days`;
}
