/** How an amount is written on the wire; the protocol contradicts itself (1.2 against 3.1.3). */
export type AmountUnit = 'dollars' | 'cents';

/** How an amount is written that no table of the protocol has. */
export const AMOUNT_SHAPES = ['separated', 'padded', 'three-decimals', 'unreadable', 'absent'] as const;

/** `1,280`, `1280` with spaces ahead to 12 characters, `1280.000`, `--`, or not at all. */
export type AmountShape = (typeof AMOUNT_SHAPES)[number];

const PADDED_LENGTH = 12;

/** Whole New Taiwan dollars as `1280.00` (`9,2`, 3.1.3) or, in cents, `128000` (1.2). */
export function writeAmount(amount: number, unit: AmountUnit): string {
  return unit === 'dollars' ? `${amount}.00` : `${amount}00`;
}

/** The amount that {@link writeAmount} wrote. */
export function amountOf(written: string, unit: AmountUnit): number {
  return Number(written.slice(0, unit === 'dollars' ? -3 : -2));
}

/** The same amount as no table of the protocol has it; undefined when it is left out. */
export function writeOddAmount(amount: number, unit: AmountUnit, shape: AmountShape): string | undefined {
  const digits = unit === 'dollars' ? String(amount) : `${amount}00`;
  switch (shape) {
    case 'separated':
      return digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
    case 'padded':
      return digits.padStart(PADDED_LENGTH);
    case 'three-decimals':
      return `${digits}.000`;
    case 'unreadable':
      return '--';
    case 'absent':
      return undefined;
  }
}
