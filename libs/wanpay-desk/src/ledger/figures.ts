import type { Payment, WanPayService } from 'nestjs-wanpay';
import type { Period, PeriodSummary } from 'nestjs-wanpay/ledger';
import { dayOf, daysOf } from '../days.js';

/** What one day came to. */
export interface DayFigures {
  /** As `2026-03-02`, in Taipei. */
  readonly day: string;
  /** Orders that were placed on it. */
  readonly placed: number;
  /** Payments that were paid on it, whenever they were placed. */
  readonly paid: number;
  /** What those came to, in New Taiwan dollars. */
  readonly amount: number;
  /** Payments whose deadline was on it, and how many of them were paid by then. */
  readonly due: number;
  readonly inTime: number;
}

/** What a period came to. */
export interface Figures {
  readonly days: readonly DayFigures[];
  /** How long it took to pay, in minutes: a quarter, half, and three quarters of the payments took at most so long. */
  readonly minutesToPay: readonly [number, number, number] | undefined;
  readonly summary: PeriodSummary;
  /** Whether there were so many payments that the older ones are left out. */
  readonly isCut: boolean;
}

/** The longest that an account can be paid. */
const LOOK_BACK_MS = 31 * 86_400_000;
const PAGE = 1000;
const MAX_PAGES = 60;
const MINUTE_MS = 60_000;

/** Reads the figures of some days. */
export async function readFigures(wanpay: WanPayService, period: Period, now: Date): Promise<Figures> {
  const days = new Map(daysOf(period).map((day) => [day, { day, placed: 0, paid: 0, amount: 0, due: 0, inTime: 0 }]));
  const minutes: number[] = [];
  const createdFrom = new Date(period.from.getTime() - LOOK_BACK_MS);
  const isIn = (moment: Date): boolean => moment >= period.from && moment < period.to;
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await wanpay.listPayments({ createdFrom, createdBefore: period.to, limit: PAGE, after });
    for (const payment of page.payments) count(payment, days, minutes, now, isIn);
    after = page.next;
    pages += 1;
  } while (after !== undefined && pages < MAX_PAGES);
  minutes.sort((a, b) => a - b);
  const quartile = (share: number): number => Math.round(minutes[Math.floor((minutes.length - 1) * share)] ?? 0);
  return {
    days: [...days.values()],
    minutesToPay: minutes.length > 0 ? [quartile(0.25), quartile(0.5), quartile(0.75)] : undefined,
    summary: await wanpay.summarizePayments(period),
    isCut: after !== undefined,
  };
}

type Counts = { -readonly [Name in keyof DayFigures]: DayFigures[Name] };

function count(
  { createdAt, paidAt, amount, account }: Payment,
  days: ReadonlyMap<string, Counts>,
  minutes: number[],
  now: Date,
  isIn: (moment: Date) => boolean,
): void {
  const placed = isIn(createdAt) ? days.get(dayOf(createdAt)) : undefined;
  if (placed) placed.placed += 1;
  const paid = paidAt && isIn(paidAt) ? days.get(dayOf(paidAt)) : undefined;
  if (paid && paidAt) {
    paid.paid += 1;
    paid.amount += amount;
    minutes.push((paidAt.getTime() - createdAt.getTime()) / MINUTE_MS);
  }
  const deadline = account?.expiresAt;
  if (!deadline || deadline >= now || !isIn(deadline)) return;
  const due = days.get(dayOf(deadline));
  if (!due) return;
  due.due += 1;
  if (paidAt && paidAt <= deadline) due.inTime += 1;
}
