import { InvalidFieldError } from './errors.js';

/** The smallest amount of an order (3.1.1): NT$ 11. */
export const MIN_AMOUNT = 11;
/** The largest amount that fits the order's 12 digits of cents (3.1.1): NT$ 9,999,999,999. */
export const MAX_AMOUNT = 9_999_999_999;
const EXACT_DIGITS = 15;

/** Which reading of a reported amount equals the amount asked for; the protocol contradicts itself on the unit. */
export type AmountUnit = 'dollars' | 'cents';

/**
 * Checks an amount in whole New Taiwan dollars.
 *
 * @throws InvalidFieldError unless it is an integer from {@link MIN_AMOUNT} to {@link MAX_AMOUNT}
 */
export function assertAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < MIN_AMOUNT || amount > MAX_AMOUNT) {
    throw new InvalidFieldError(
      'amount',
      `must be a whole number of New Taiwan dollars from ${MIN_AMOUNT} to ${MAX_AMOUNT}.`,
    );
  }
}

/** NT$ 11 → `1100`: the `total_fee` of an order, in cents (1.2, 3.1.1). */
export function toCents(amount: number): string {
  return `${amount}00`;
}

/** `1100` → NT$ 11; undefined when it is not digits, or not whole dollars. */
export function fromCents(cents: string): number | undefined {
  const match = /^(\d{1,13})00$/.exec(cents);
  return match ? Number(match[1]) : undefined;
}

/**
 * Compares a reported `total_fee`, whose unit the protocol leaves open (1.2 against 3.1.3), with the amount asked for.
 *
 * @param reported decimal text as received, such as `1280`, `1280.00`, `1,280` or `128000`
 * @param amount whole New Taiwan dollars
 * @returns the unit in which both are equal, or undefined when they differ either way, or `reported` is no amount
 *   (which {@link isAmount} tells)
 */
export function matchAmount(reported: string, amount: number): AmountUnit | undefined {
  const whole = toWhole(reported);
  if (whole === amount) return 'dollars';
  return whole === amount * 100 ? 'cents' : undefined;
}

/**
 * The amounts for which {@link matchAmount} finds a reported one equal, one for each unit in which it is whole dollars.
 *
 * @returns whole New Taiwan dollars by unit; nothing when `reported` is no such amount
 */
export function readAmounts(reported: string): Readonly<Partial<Record<AmountUnit, number>>> {
  const dollars = toWhole(reported);
  if (dollars === undefined) return {};
  return dollars % 100 === 0 ? { dollars, cents: dollars / 100 } : { dollars };
}

/**
 * Tells whether a reported `total_fee` is an amount at all: decimal text, with commas between thousands and padding
 * allowed. What is none says nothing of the money that moved: ask the platform.
 */
export function isAmount(reported: string): boolean {
  return parseDecimal(reported) !== undefined;
}

/** `1280.00` → 1280. Whatever has hundredths equals no whole amount in either unit, and 15 digits are exact as a number. */
function toWhole(text: string): number | undefined {
  const decimal = parseDecimal(text);
  if (!decimal || decimal.whole.length > EXACT_DIGITS || /[^0]/.test(decimal.fraction)) return undefined;
  return Number(decimal.whole);
}

/** ` 01,280.50` → `1280` and `50`. */
function parseDecimal(text: string): { readonly whole: string; readonly fraction: string } | undefined {
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', fraction = ''] = match;
  return { whole: digits.replaceAll(',', '').replace(/^0+(?=\d)/, ''), fraction };
}
