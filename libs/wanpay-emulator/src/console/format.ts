import { type Language } from './language.js';

/** `NT$1,280`. */
export function formatAmount(amount: number): string {
  return `NT$${amount.toLocaleString('en-US')}`;
}

/** A moment of Taipei as a form's input takes it: `2026-03-01T12:00:00`. */
export function formatInput(taipei: string): string {
  return taipei.replace(' ', 'T');
}

/** `12.3 ms`. */
export function formatLatency(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** How far a moment is away: `in 3 days`, `2 minutes ago`. The pages' script says the same as time goes by. */
export function formatRelative(at: Date, now: Date, language: Language): string {
  const distance = at.getTime() - now.getTime();
  const [unit, ms] = UNITS.find(([, size]) => Math.abs(distance) >= size) ?? ['second', 1000];
  // A day is 24 hours here, so the words for tomorrow and yesterday would be wrong about midnight.
  const numeric = unit === 'second' ? 'auto' : 'always';
  return new Intl.RelativeTimeFormat(language, { numeric }).format(Math.trunc(distance / ms), unit);
}

/** A span of time in its greatest unit: `30 days`. */
export function formatSpan(ms: number, language: Language): string {
  const [unit, size] = UNITS.find(([, each]) => Math.abs(ms) >= each) ?? ['second', 1000];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.trunc(Math.abs(ms) / size),
  );
}
