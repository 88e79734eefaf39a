import type { Payment, PaymentState, WanPayService } from 'nestjs-wanpay';
import type { Period, PeriodSummary } from 'nestjs-wanpay/ledger';
import { daysOf } from '../days.js';

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
  /** How many of the payments that were placed in the period ended by each. */
  readonly settledBy: PeriodSummary['settledBy'];
  /** Whether there were so many payments that the older ones are left out. */
  readonly isCut: boolean;
}

/** The longest that an account can be paid. */
const LOOK_BACK_MS = 31 * 86_400_000;
const PAGE = 1000;
/** Of each state. */
const MAX_PAGES = 60;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is open is neither paid nor overdue: it is counted, and need not be read. */
const ENDED: readonly PaymentState[] = ['paid', 'failed', 'closed', 'expired'];

/** Reads the figures of some days. */
export async function readFigures(wanpay: WanPayService, period: Period, now: Date): Promise<Figures> {
  const days = daysOf(period).map((day): Counts => ({ day, placed: 0, paid: 0, amount: 0, due: 0, inTime: 0 }));
  // By arithmetic: a day in Taipei has 24 hours, and to write out three moments of each payment would take longer than to read it.
  const dayAt = (moment: Date): Counts | undefined =>
    days[Math.floor((moment.getTime() - period.from.getTime()) / DAY_MS)];
  const minutes: number[] = [];
  let isCut = false;
  // One state after the other, since a page of several is chosen from a page of each.
  for (const state of ENDED) {
    const { isMore } = await eachPayment(wanpay, state, period, (payment) => {
      count(payment, dayAt, minutes, now);
    });
    isCut ||= isMore;
  }
  const summaries = await Promise.all(days.map((_, i) => wanpay.summarizePayments(dayOfPeriod(period, i))));
  for (const [i, { states }] of summaries.entries()) {
    const day = days[i];
    if (day) day.placed = Object.values(states).reduce((sum, each) => sum + each, 0);
  }
  minutes.sort((a, b) => a - b);
  const quartile = (share: number): number => Math.round(minutes[Math.floor((minutes.length - 1) * share)] ?? 0);
  return {
    days,
    minutesToPay: minutes.length > 0 ? [quartile(0.25), quartile(0.5), quartile(0.75)] : undefined,
    settledBy: summaries.map(({ settledBy }) => settledBy).reduce(add, { notification: 0, query: 0, person: 0 }),
    isCut,
  };
}

function dayOfPeriod({ from }: Period, i: number): Period {
  const start = from.getTime() + i * DAY_MS;
  return { from: new Date(start), to: new Date(start + DAY_MS) };
}

function add(a: PeriodSummary['settledBy'], b: PeriodSummary['settledBy']): PeriodSummary['settledBy'] {
  return { notification: a.notification + b.notification, query: a.query + b.query, person: a.person + b.person };
}

type Counts = { -readonly [Name in keyof DayFigures]: DayFigures[Name] };

async function eachPayment(
  wanpay: WanPayService,
  state: PaymentState,
  { from, to }: Period,
  take: (payment: Payment) => void,
): Promise<{ readonly isMore: boolean }> {
  const filter = {
    states: [state],
    createdFrom: new Date(from.getTime() - LOOK_BACK_MS),
    createdBefore: to,
    limit: PAGE,
  };
  let after: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await wanpay.listPayments({ ...filter, after });
    for (const payment of page.payments) take(payment);
    after = page.next;
    if (after === undefined) return { isMore: false };
  }
  return { isMore: true };
}

function count(
  { createdAt, paidAt, amount, account }: Payment,
  dayAt: (moment: Date) => Counts | undefined,
  minutes: number[],
  now: Date,
): void {
  const paid = paidAt && dayAt(paidAt);
  if (paid) {
    paid.paid += 1;
    paid.amount += amount;
    minutes.push((paidAt.getTime() - createdAt.getTime()) / MINUTE_MS);
  }
  const deadline = account?.expiresAt;
  const due = deadline && deadline < now ? dayAt(deadline) : undefined;
  if (!due || !deadline) return;
  due.due += 1;
  if (paidAt && paidAt <= deadline) due.inTime += 1;
}
