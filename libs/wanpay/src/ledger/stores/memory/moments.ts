/**
 * The time that moments are counted from. Within 24 days of it a moment is a small integer, which takes no memory of its own. Any
 * other number takes 16 bytes, and a `Date` 112.
 */
const ORIGIN = Date.now();

/** A moment as the store in memory keeps it. */
export function toMoment(date: Date): number {
  return date.getTime() - ORIGIN;
}

export function toDate(moment: number): Date {
  return new Date(moment + ORIGIN);
}
