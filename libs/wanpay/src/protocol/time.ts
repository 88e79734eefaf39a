/** Taiwan has had no daylight saving time since 1979, so Asia/Taipei is a fixed offset for every date of this protocol. */
const TAIPEI_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Dates of before 1970 stand for no date, such as `0000-00-00` and `0001-01-01`, which databases write for one. */
const FIRST_YEAR = 1970;
/** One digit may stand for a month, a day or an hour where separators tell where it ends. */
const CIVIL_TIME =
  /^(\d{4})[-/.]?(\d{2}|(?<=[-/.])\d(?=[-/.]))[-/.]?(\d{2}|(?<=[-/.])\d(?!\d))(?:[T ]? *(\d{2}|(?<= )\d(?=:)):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?(?: ?\+08:?00)?)?$/;

/** How long a message's timestamp is valid (1.2), in seconds. */
export const TIMESTAMP_VALIDITY_SECONDS = 600;

/** `2022-07-22 23:59:59` in Asia/Taipei: how the platform writes a moment. */
export function formatTaipei(moment: Date): string {
  return taipeiCivil(moment).slice(0, 19).replace('T', ' ');
}

/** `20220722` in Asia/Taipei: the protocol's DATE (1.2). */
export function formatTaipeiDate(moment: Date): string {
  return taipeiCivil(moment).slice(0, 10).replaceAll('-', '');
}

/**
 * Reads a civil time in Asia/Taipei: `2022-07-22 23:59:59`, `2022/7/22 9:05`, `20220722235959`, `2022-07-22` or
 * `20220722`; any separator may be missing. Fractions of a second are dropped.
 *
 * @param timeOfDay what a bare date means, `HH:MM:SS`
 * @returns undefined when the text is none of these, or names a day or time that does not exist, or is before 1970
 */
export function parseTaipei(text: string, timeOfDay = '00:00:00'): Date | undefined {
  const parts = CIVIL_TIME.exec(text.trim());
  if (!parts || Number(parts[1]) < FIRST_YEAR) return undefined;
  const [, year, month, day, hour, minute, second = '0'] = parts;
  const time = hasTime(hour) ? [hour, minute, second] : timeOfDay.split(':');
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number);
  const civil = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), hours, minutes, seconds));
  // For a day or time that does not exist, such as 30 February or 24:00, Date moves on to another one.
  const exists =
    civil.getUTCMonth() + 1 === Number(month) &&
    civil.getUTCDate() === Number(day) &&
    civil.getUTCHours() === hours &&
    civil.getUTCMinutes() === minutes &&
    civil.getUTCSeconds() === seconds;
  return exists ? new Date(civil.getTime() - TAIPEI_OFFSET_MS) : undefined;
}

/** Reads an `expiredate` (3.1.1): documented as `YYYYMMDD`, meaning 23:59:59 of that day, and sampled with a time of day. */
export function parseExpiry(text: string): Date | undefined {
  return parseTaipei(text, '23:59:59');
}

/** The last second of an account opened at `moment` for `validDays` days: 23:59:59 Taipei, that many days later (3.1.1). */
export function expiryAfter(moment: Date, validDays: number): Date {
  const taipeiDay = Math.floor((moment.getTime() + TAIPEI_OFFSET_MS) / DAY_MS);
  return new Date((taipeiDay + validDays + 1) * DAY_MS - TAIPEI_OFFSET_MS - 1000);
}

/** A moment as `secondtimestamp`: Unix seconds (1.2). */
export function toTimestamp(moment: Date): string {
  return String(Math.floor(moment.getTime() / 1000));
}

/**
 * Reads a `secondtimestamp`: 1 to 10 digits of Unix seconds (1.2), or 13 digits of milliseconds, as an older form of the
 * platform's document has it.
 *
 * @returns undefined when it is neither
 */
export function parseTimestamp(text: string): Date | undefined {
  if (/^\d{1,10}$/.test(text)) return new Date(Number(text) * 1000);
  return /^\d{13}$/.test(text) ? new Date(Number(text)) : undefined;
}

/**
 * Tells whether a message's timestamp is within its validity (1.2), in either direction since clocks differ both ways.
 *
 * @param windowSeconds seconds, the edge included
 */
export function isTimely(timestamp: Date, now: Date, windowSeconds = TIMESTAMP_VALIDITY_SECONDS): boolean {
  return Math.abs(now.getTime() - timestamp.getTime()) <= windowSeconds * 1000;
}

/** A bare date has none, whatever the type of a match says. */
function hasTime(hour: string | undefined): boolean {
  return hour !== undefined;
}

function taipeiCivil(moment: Date): string {
  return inTaipei(moment).toISOString();
}

/** The moment whose UTC parts are what this one's are in Asia/Taipei. */
function inTaipei(moment: Date): Date {
  return new Date(moment.getTime() + TAIPEI_OFFSET_MS);
}
