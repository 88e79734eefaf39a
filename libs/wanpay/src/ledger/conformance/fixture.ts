import type { Outcome, VirtualAccount } from '../../protocol/index.js';
import type { Claimed, ClaimedDelivery } from '../deliveries.js';
import { ATM_EVENT_TYPES, type AtmEventType } from '../events.js';
import type { Ledger, Report } from '../ledger.js';
import type { Payment, PaymentFailure } from '../payment.js';
import type { LedgerStore, Subscription } from '../store.js';
import type { TimelineEntry } from '../timeline.js';

/** What a case works on. */
export interface Subject {
  readonly store: LedgerStore;
  /** The kernel over the store. */
  readonly ledger: Ledger;
  /** Starts another store over the same data; the case stops it. */
  readonly another?: () => Promise<LedgerStore>;
}

/** Cases by their names. */
export type Cases = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

export const MERCHANT = '21008024';
export const START = new Date('2026-03-01T04:00:00.000Z');
export const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59.000Z'),
};
export const PAID: Outcome = {
  status: 'paid',
  code: '0000',
  reportedAmount: '1280.00',
  payer: { bankCode: '822', account: '***********89012' },
  transactedAt: new Date('2026-03-02T01:02:03.000Z'),
};
/** The transfer that {@link PAID} tells of. */
export const TRANSFER = {
  reportedAmount: '1280.00',
  payer: { bankCode: '822', account: '***********89012' },
  transactedAt: new Date('2026-03-02T01:02:03.000Z'),
};
export const FAILED: Outcome = { status: 'failed', code: '5805' };
/** What the platform says when it takes up nothing. */
export const REFUSED: PaymentFailure = { code: '910', message: '參數錯誤' };
export const UNPAID: Outcome = { status: 'unpaid', code: '5801' };

export function opening(orderNo: string): Payment {
  return {
    merchantNo: MERCHANT,
    orderNo,
    amount: 1280,
    livemode: false,
    state: 'opening',
    createdAt: START,
    updatedAt: START,
  };
}

/** A payment whose account may still come with the platform's reply. */
export function asking(orderNo: string): Payment {
  return { ...opening(orderNo), replyAwaitedUntil: later(60) };
}

export async function openPending(ledger: Ledger, orderNo: string): Promise<void> {
  await ledger.open(opening(orderNo));
  await ledger.issue(opening(orderNo), ACCOUNT, START);
}

export function report(
  orderNo: string,
  outcome: Outcome,
  now: Date,
  source: Report['source'] = 'notification',
): Report {
  return { merchantNo: MERCHANT, orderNo, livemode: false, outcome, source, now };
}

export function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

/** A handler's subscriptions: to every type, unless told otherwise. */
export function to(handler: string, types: readonly AtmEventType[] = ATM_EVENT_TYPES): readonly Subscription[] {
  return types.map((type) => ({ handler, type }));
}

/** Subscribes handlers to every type of event. Nothing that was kept is adopted. */
export async function subscribe({ store }: Subject, ...handlers: readonly string[]): Promise<void> {
  await store.subscribe({ add: handlers.flatMap((handler) => to(handler)), now: START });
}

const LEASE_SECONDS = 3600;

/** Claims what is due of one handler's, for an hour. */
export async function claim(ledger: Ledger, handler: string, now: Date): Promise<readonly ClaimedDelivery[]> {
  return (await claimFor(ledger, to(handler), now, LEASE_SECONDS)).deliveries;
}

export function claimFor(
  ledger: Ledger,
  subscriptions: readonly Subscription[],
  now: Date,
  seconds: number,
  limit = 100,
): Promise<Claimed> {
  const leaseUntil = new Date(now.getTime() + seconds * 1000);
  return ledger.deliveries.claim({ subscriptions, now, leaseUntil, limit });
}

/** The next delivery to a handler; fails when there is none. */
export async function claimOne(ledger: Ledger, handler: string, now: Date): Promise<ClaimedDelivery> {
  const [delivery] = (await claimFor(ledger, to(handler), now, LEASE_SECONDS, 1)).deliveries;
  if (delivery) return delivery;
  throw new Error(`No delivery to ${handler} could be claimed.`);
}

/** Delivers everything that is due to a handler; tells what was delivered. */
export async function deliverAll(ledger: Ledger, handler: string, now: Date): Promise<readonly ClaimedDelivery[]> {
  const delivered: ClaimedDelivery[] = [];
  for (let due = await claim(ledger, handler, now); due.length > 0; due = await claim(ledger, handler, now)) {
    for (const delivery of due) await ledger.deliveries.succeed(delivery, now);
    delivered.push(...due);
  }
  return delivered;
}

/** `A1 atm.paid`, in alphabetical order. */
export function names(deliveries: readonly Pick<ClaimedDelivery, 'event'>[]): readonly string[] {
  return deliveries.map(({ event }) => `${event.orderNo} ${event.type}`).sort();
}

/** A line of a timeline in one text. */
export function line(entry: TimelineEntry): string {
  if (entry.kind === 'event') {
    return [entry.type, ...entry.deliveries.map(({ handler, state }) => `${handler} ${state}`)].join(', ');
  }
  if (entry.kind === 'action') return `${entry.action} ${entry.text ?? ''} by ${entry.by ?? 'nobody'}`;
  return `${entry.source} ${entry.outcome.status} ${entry.change?.from ?? ''}-${entry.change?.to ?? ''}`;
}
