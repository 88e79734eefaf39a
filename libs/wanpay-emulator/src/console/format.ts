/** `NT$1,280`. */
export function formatAmount(amount: number): string {
  return `NT$${amount.toLocaleString('en-US')}`;
}

/** A moment of Taipei as a form's input takes it: `2026-03-01T12:00:00`. */
export function formatInput(taipei: string): string {
  return taipei.replace(' ', 'T');
}
