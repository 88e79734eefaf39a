import type { Period } from 'nestjs-wanpay/ledger';
import { formatTaipei, parseTaipei } from 'nestjs-wanpay/protocol';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The day that a moment is on in Taipei, as `<input type="date">` writes it. */
export function dayOf(moment: Date): string {
  return formatTaipei(moment).slice(0, 10);
}

/** The period from the beginning of one day to the end of another; undefined when they are no days, or in the wrong order. */
export function periodOf(from: string | undefined, to: string | undefined): Period | undefined {
  const [start, lastDay] = [startOf(from), startOf(to)];
  return start && lastDay && start <= lastDay ? { from: start, to: new Date(lastDay.getTime() + DAY_MS) } : undefined;
}

/** The beginning of a day in Taipei; undefined for what is none. */
export function startOf(day: string | undefined): Date | undefined {
  return day !== undefined && DAY.test(day) ? parseTaipei(day) : undefined;
}

/** The days of a period. */
export function daysOf({ from, to }: Period): readonly string[] {
  const days: string[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += DAY_MS) days.push(dayOf(new Date(at)));
  return days;
}

/** The last days until a moment. */
export function lastDays(now: Date, count: number): { readonly from: string; readonly to: string } {
  return { from: dayOf(new Date(now.getTime() - (count - 1) * DAY_MS)), to: dayOf(now) };
}
