/**
 * What moments are counted from. A small integer takes no memory of its own, which holds for 24 days before and after; any other
 * number takes 16 bytes, and a `Date` 112.
 */
const ORIGIN = Date.now();

/** A moment as the store in memory keeps it. */
export function toMoment(date: Date): number {
  return date.getTime() - ORIGIN;
}

export function toDate(moment: number): Date {
  return new Date(moment + ORIGIN);
}
