/** How an amount is written on the wire; the protocol contradicts itself (1.2 against 3.1.3). */
export type AmountUnit = 'dollars' | 'cents';

/** Whole New Taiwan dollars as `1280.00` (`9,2`, 3.1.3) or, in cents, `128000` (1.2). */
export function writeAmount(amount: number, unit: AmountUnit): string {
  return unit === 'dollars' ? `${amount}.00` : `${amount}00`;
}
