const PREFIX = 'SOAK';

/** The merchant of the soak. */
export const MERCHANT = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };
/** What every order is to be paid with: whole New Taiwan dollars. */
export const AMOUNT = 1280;

/** Orders are numbered from 0. The hosts read the number back, to write an effect of four bytes. */
export function orderNoOf(number: number): string {
  return `${PREFIX}${number}`;
}

export function numberOf(orderNo: string): number {
  return Number(orderNo.slice(PREFIX.length));
}
