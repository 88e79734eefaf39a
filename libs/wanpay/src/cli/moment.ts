import { InvalidArgumentError } from 'commander';
import { parseTaipei } from '../protocol/index.js';

const TAIPEI_OFFSET_MINUTES = 480;
const MINUTE_MS = 60_000;
const WITHOUT_SECONDS = /[T ]\d{2}:?\d{2}$/;
const OFFSET = /\s*(?:(Z)|([+-])(\d{2}):?(\d{2}))$/i;
const FRACTION = /\.\d+$/;

/**
 * Reads a moment: `2026-11-01`, `2026-11-01 09:30` or `2026-11-01T09:30:00` in Taipei, or with an offset such as
 * `2026-11-01T01:30:00Z`.
 *
 * @returns undefined when the text is none of these, or names a day or time that does not exist
 */
export function readMoment(text: string): Date | undefined {
  const trimmed = text.trim();
  const hasTime = /\d[T ]\d/.test(trimmed);
  const [suffix, , sign = '+', hours = '0', minutes = '0'] = (hasTime ? OFFSET.exec(trimmed) : undefined) ?? [];
  const civil = (suffix === undefined ? trimmed : trimmed.slice(0, -suffix.length)).replace(FRACTION, '');
  const moment = parseTaipei(WITHOUT_SECONDS.test(civil) ? `${civil}:00` : civil);
  if (!moment || suffix === undefined) return moment;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return new Date(moment.getTime() + (TAIPEI_OFFSET_MINUTES - offset) * MINUTE_MS);
}

/** The moment that an option names. */
export function readMomentOption(text: string): Date {
  const moment = readMoment(text);
  if (!moment) throw new InvalidArgumentError('Write it 2026-11-01, 2026-11-01T09:30 or 2026-11-01T01:30:00Z.');
  return moment;
}
