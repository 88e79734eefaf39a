import type { VirtualAccount } from '../../protocol/index.js';
import { pageLimit, type Position, readCursor, toPage } from '../cursor.js';
import { NoTransactionsError } from '../errors.js';
import type { AtmEvent } from '../events.js';
import type {
  DeadLetter,
  DeliveryAttempt,
  DueCheck,
  Ledger,
  NextCheck,
  OwedEvent,
  PaymentFilter,
  PaymentPage,
  Period,
  PeriodSummary,
  Report,
  Settled,
  TimelineEntry,
} from '../ledger.js';
import { Leases } from '../leases.js';
import { hasEnded, type IssuedPayment, type Payment, type PaymentKey } from '../payment.js';
import { issue, settle, unmatched } from '../settle.js';
import { CheckPlan } from './check-plan.js';
import { type Entry, firstOwed, type History, toDeadLetter, toEventOwed } from './history.js';
import { nameOf } from './name.js';
import { summarize } from './summarize.js';

const NO_CHECK = { failures: 0 };

/**
 * A ledger that forgets when the process ends: for development and tests.
 *
 * Nothing in it awaits, so each method is atomic by itself.
 */
export class MemoryLedger implements Ledger {
  readonly transactions = 'none';
  readonly isShared = false;

  private readonly histories = new Map<string, History>();
  /** The orders for which an event is owed, so that claiming costs what is owed and not what was ever paid. */
  private readonly owing = new Map<string, History>();
  /** The orders that are to be asked after. */
  private readonly checks = new CheckPlan();
  private readonly leases = new Leases();
  private readonly listeners: ((eventIds: readonly string[]) => void)[] = [];

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  open(payment: Payment, nextCheckAt?: Date): Promise<{ payment: Payment; opened: boolean }> {
    const history = this.historyOf(payment);
    const { payment: existing } = history;
    if (!existing) {
      history.payment = payment;
      if (nextCheckAt) this.checks.set(payment, { at: nextCheckAt, failures: 0 });
    }
    return Promise.resolve({ payment: existing ?? payment, opened: !existing });
  }

  withdraw(key: PaymentKey): Promise<void> {
    const history = this.histories.get(nameOf(key));
    if (history?.payment?.state === 'opening') {
      delete history.payment;
      this.checks.set(key, NO_CHECK);
    }
    return Promise.resolve();
  }

  find(key: PaymentKey): Promise<Payment | undefined> {
    return Promise.resolve(this.histories.get(nameOf(key))?.payment);
  }

  issue(key: PaymentKey, account: VirtualAccount, now: Date, nextCheckAt?: Date): Promise<IssuedPayment | undefined> {
    const history = this.historyOf(key);
    if (!history.payment) return Promise.resolve(undefined);
    const issued = issue(history.payment, account, now);
    history.payment = issued.payment;
    if (nextCheckAt && issued.payment.state !== 'paid') this.checks.hasten(key, nextCheckAt);
    this.owe(history, issued.events, now);
    return Promise.resolve(issued.payment);
  }

  settle({ outcome, source, mustConfirm, now, ...about }: Report): Promise<Settled> {
    const history = this.historyOf(about);
    const seen = { kind: 'outcome', at: now, source, outcome } as const;
    const { payment } = history;
    if (payment) {
      const settled = settle(payment, outcome, now, mustConfirm);
      history.payment = settled.payment;
      if (settled.unconfirmed && source === 'notification') this.checks.hasten(about, now);
      if (settled.payment.state === 'paid') this.checks.set(about, NO_CHECK);
      history.outcomes.push({ ...seen, change: { from: payment.state, to: settled.payment.state } });
      return Promise.resolve({ ...settled, events: this.owe(history, settled.events, now) });
    }
    history.outcomes.push(seen);
    const events = this.owe(history, [unmatched(about, outcome, now)], now);
    return Promise.resolve({ events, unconfirmed: false });
  }

  list(filter: PaymentFilter): Promise<PaymentPage> {
    return new Promise((resolve) => {
      resolve(this.page(filter));
    });
  }

  timeline(key: PaymentKey): Promise<TimelineEntry[]> {
    const history = this.histories.get(nameOf(key));
    const entries = [...(history?.outcomes ?? []), ...(history?.events ?? []).map(toEventOwed)];
    return Promise.resolve(entries.sort((a, b) => a.at.getTime() - b.at.getTime()));
  }

  purge(before: Date, limit: number): Promise<number> {
    let purged = 0;
    for (const [name, { payment, events }] of this.histories) {
      if (purged >= limit) break;
      if (!payment || !hasEnded(payment) || payment.updatedAt >= before) continue;
      if (events.some(({ delivery }) => delivery !== 'delivered')) continue;
      this.histories.delete(name);
      this.checks.set(payment, NO_CHECK);
      purged += 1;
    }
    return Promise.resolve(purged);
  }

  claim(now: Date, leaseUntil: Date, limit: number): Promise<OwedEvent[]> {
    const claimed: OwedEvent[] = [];
    for (const history of this.owing.values()) {
      if (claimed.length >= limit) break;
      const entry = firstOwed(history);
      if (!entry || entry.dueAt > now || (entry.leaseUntil && entry.leaseUntil > now)) continue;
      entry.leaseUntil = leaseUntil;
      entry.attempts += 1;
      entry.claims += 1;
      claimed.push({ event: entry.event, attempt: entry.attempts, claim: entry.claims, handled: entry.handled });
    }
    return Promise.resolve(claimed);
  }

  release(owed: OwedEvent): Promise<void> {
    const entry = this.claimedEntry(owed);
    if (entry) {
      entry.attempts -= 1;
      entry.leaseUntil = undefined;
    }
    return Promise.resolve();
  }

  recordAttempt(owed: OwedEvent, { handled, failure, retryAt, now }: DeliveryAttempt): Promise<boolean> {
    const entry = this.claimedEntry(owed);
    if (!entry) return Promise.resolve(false);
    entry.handled = [...new Set([...entry.handled, ...handled])];
    entry.failure = failure;
    entry.leaseUntil = undefined;
    if (failure && retryAt) {
      entry.dueAt = retryAt;
    } else {
      entry.delivery = failure ? 'dead' : 'delivered';
      if (failure) entry.diedAt = now;
      this.forgetIfNothingOwed(owed.event);
    }
    return Promise.resolve(true);
  }

  transact(): Promise<void> {
    return Promise.reject(new NoTransactionsError());
  }

  nextDue(): Promise<Date | undefined> {
    let next: Date | undefined;
    for (const history of this.owing.values()) {
      const entry = firstOwed(history);
      const at = entry?.leaseUntil ?? entry?.dueAt;
      if (at && (!next || at < next)) next = at;
    }
    return Promise.resolve(next);
  }

  deadLetters(): Promise<DeadLetter[]> {
    const entries = [...this.histories.values()].flatMap(({ events }) => events);
    return Promise.resolve(entries.flatMap(toDeadLetter));
  }

  replay(eventId: string, now: Date): Promise<boolean> {
    for (const history of this.histories.values()) {
      const entry = history.events.find(({ event, delivery }) => event.id === eventId && delivery === 'dead');
      if (!entry) continue;
      Object.assign(entry, { delivery: 'owed', attempts: 0, dueAt: now, failure: undefined });
      this.owing.set(nameOf(entry.event), history);
      this.nudge([eventId]);
      return Promise.resolve(true);
    }
    return Promise.resolve(false);
  }

  onEventsOwed(listener: (eventIds: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<DueCheck[]> {
    const due = this.checks.claim(now, leaseUntil, limit, merchantNo).flatMap(({ failures, ...key }) => {
      const payment = this.histories.get(nameOf(key))?.payment;
      return payment ? [{ payment, failures, leaseUntil }] : [];
    });
    return Promise.resolve(due);
  }

  scheduleCheck({ payment, leaseUntil }: DueCheck, next: NextCheck): Promise<boolean> {
    const isClaimed = this.checks.isClaimed(payment, leaseUntil);
    if (isClaimed) this.checks.set(payment, next);
    return Promise.resolve(isClaimed);
  }

  requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    const payment = this.histories.get(nameOf(key))?.payment;
    if (!payment || payment.state === 'paid') return Promise.resolve(false);
    this.checks.hasten(key, now);
    return Promise.resolve(true);
  }

  nextCheckDue(merchantNo?: string): Promise<Date | undefined> {
    return Promise.resolve(this.checks.next(merchantNo));
  }

  summarize(period: Period): Promise<PeriodSummary> {
    return Promise.resolve(summarize(this.histories.values(), period));
  }

  takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    return Promise.resolve(this.leases.take(name, holder, now, until));
  }

  dropLease(name: string, holder: string): Promise<void> {
    this.leases.drop(name, holder);
    return Promise.resolve();
  }

  private page(filter: PaymentFilter): PaymentPage {
    const limit = pageLimit(filter);
    const after = filter.after === undefined ? undefined : readCursor(filter.after);
    const matching = [...this.histories.values()]
      .map(({ payment }) => payment)
      .filter((payment) => payment !== undefined)
      .filter((payment) => matches(payment, filter) && (!after || newestFirst(after, payment) < 0));
    return toPage(matching.sort(newestFirst), limit);
  }

  private historyOf(key: PaymentKey): History {
    const name = nameOf(key);
    const history = this.histories.get(name) ?? { outcomes: [], events: [] };
    this.histories.set(name, history);
    return history;
  }

  /** Owes what is not recorded yet, and returns that: the same fact is the same event. */
  private owe(history: History, facts: readonly AtmEvent[], now: Date): readonly AtmEvent[] {
    const events = facts.filter(({ id }) => !history.events.some(({ event }) => event.id === id));
    for (const event of events) {
      history.events.push({ event, delivery: 'owed', attempts: 0, claims: 0, handled: [], dueAt: now });
      this.owing.set(nameOf(event), history);
    }
    if (events.length > 0) this.nudge(events.map(({ id }) => id));
    return events;
  }

  private claimedEntry({ event, claim }: OwedEvent): Entry | undefined {
    const entry = this.histories.get(nameOf(event))?.events.find((candidate) => candidate.event.id === event.id);
    return entry?.leaseUntil && entry.claims === claim ? entry : undefined;
  }

  private forgetIfNothingOwed(key: PaymentKey): void {
    const history = this.owing.get(nameOf(key));
    if (history && !firstOwed(history)) this.owing.delete(nameOf(key));
  }

  private nudge(eventIds: readonly string[]): void {
    for (const listener of this.listeners) listener(eventIds);
  }
}

function matches(payment: Payment, { merchantNo, states, createdFrom, createdBefore }: PaymentFilter): boolean {
  return (
    (merchantNo === undefined || payment.merchantNo === merchantNo) &&
    (states === undefined || states.includes(payment.state)) &&
    (createdFrom === undefined || payment.createdAt >= createdFrom) &&
    (createdBefore === undefined || payment.createdAt < createdBefore)
  );
}

function newestFirst(a: Position, b: Position): number {
  return (
    b.createdAt.getTime() - a.createdAt.getTime() ||
    compare(b.merchantNo, a.merchantNo) ||
    compare(b.orderNo, a.orderNo)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
