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
import { type Entry, firstOwed, type History, owedSince, toDeadLetter, toEventOwed, withMore } from './history.js';
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
  private readonly owing = new Set<History>();
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
      if (nextCheckAt) this.checks.set(history, { at: nextCheckAt, failures: 0 });
    }
    return Promise.resolve({ payment: existing ?? payment, opened: !existing });
  }

  withdraw(key: PaymentKey): Promise<void> {
    const history = this.known(key);
    if (history?.payment?.state === 'opening') {
      history.payment = undefined;
      this.checks.set(history, NO_CHECK);
    }
    return Promise.resolve();
  }

  find(key: PaymentKey): Promise<Payment | undefined> {
    return Promise.resolve(this.known(key)?.payment);
  }

  issue(key: PaymentKey, account: VirtualAccount, now: Date, nextCheckAt?: Date): Promise<IssuedPayment | undefined> {
    const history = this.historyOf(key);
    if (!history.payment) return Promise.resolve(undefined);
    const issued = issue(history.payment, account, now);
    history.payment = issued.payment;
    if (nextCheckAt && issued.payment.state !== 'paid') this.checks.hasten(history, nextCheckAt);
    this.owe(history, issued.events, now);
    return Promise.resolve(issued.payment);
  }

  settle(report: Report): Promise<Settled> {
    const { outcome, source, now } = report;
    const history = this.historyOf(report);
    const before = history.payment;
    if (!before) {
      history.outcomes = withMore(history.outcomes, { kind: 'outcome', at: now, source, outcome });
      const events = this.owe(history, [unmatched(report, outcome, now)], now);
      return Promise.resolve({ events, unconfirmed: false });
    }
    const { payment, events, unconfirmed } = settle(before, outcome, now, report.mustConfirm);
    history.payment = payment;
    if (unconfirmed && source === 'notification') this.checks.hasten(history, now);
    if (payment.state === 'paid') this.checks.set(history, NO_CHECK);
    const change = { from: before.state, to: payment.state };
    history.outcomes = withMore(history.outcomes, { kind: 'outcome', at: now, source, outcome, change });
    return Promise.resolve({ payment, events: this.owe(history, events, now), unconfirmed });
  }

  list(filter: PaymentFilter): Promise<PaymentPage> {
    return new Promise((resolve) => {
      resolve(this.page(filter));
    });
  }

  timeline(key: PaymentKey): Promise<TimelineEntry[]> {
    const history = this.known(key);
    const entries = [...(history?.outcomes ?? []), ...(history?.events ?? []).map(toEventOwed)];
    return Promise.resolve(entries.sort((a, b) => a.at.getTime() - b.at.getTime()));
  }

  purge(before: Date, limit: number): Promise<number> {
    let purged = 0;
    for (const [name, history] of this.histories) {
      if (purged >= limit) break;
      const { payment, events } = history;
      if (!payment || !hasEnded(payment) || payment.updatedAt >= before) continue;
      if (events.some(({ delivery }) => delivery !== 'delivered')) continue;
      this.histories.delete(name);
      this.checks.set(history, NO_CHECK);
      purged += 1;
    }
    return Promise.resolve(purged);
  }

  claim(now: Date, leaseUntil: Date, limit: number): Promise<OwedEvent[]> {
    const claimed: OwedEvent[] = [];
    for (const history of this.owing) {
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
    const entry = claimedEntry(this.known(owed.event), owed);
    if (entry) {
      entry.attempts -= 1;
      entry.leaseUntil = undefined;
    }
    return Promise.resolve();
  }

  recordAttempt(owed: OwedEvent, { handled, failure, retryAt, now }: DeliveryAttempt): Promise<boolean> {
    const history = this.known(owed.event);
    const entry = claimedEntry(history, owed);
    if (!history || !entry) return Promise.resolve(false);
    if (handled.length > 0) entry.handled = [...new Set([...entry.handled, ...handled])];
    entry.failure = failure;
    entry.leaseUntil = undefined;
    if (failure && retryAt) {
      entry.dueAt = retryAt;
    } else {
      entry.delivery = failure ? 'dead' : 'delivered';
      if (failure) entry.diedAt = now;
      if (!firstOwed(history)) this.owing.delete(history);
    }
    return Promise.resolve(true);
  }

  transact(): Promise<void> {
    return Promise.reject(new NoTransactionsError());
  }

  nextDue(): Promise<Date | undefined> {
    let next: Date | undefined;
    for (const history of this.owing) {
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
      this.owing.add(history);
      this.nudge([eventId]);
      return Promise.resolve(true);
    }
    return Promise.resolve(false);
  }

  onEventsOwed(listener: (eventIds: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<DueCheck[]> {
    const claimed = this.checks.claim(now, leaseUntil, limit, merchantNo);
    const due = claimed.flatMap(({ payment, check }) =>
      payment && check ? [{ payment, failures: check.failures, leaseUntil }] : [],
    );
    return Promise.resolve(due);
  }

  scheduleCheck({ payment, leaseUntil }: DueCheck, next: NextCheck): Promise<boolean> {
    const history = this.known(payment);
    if (history?.check?.at.getTime() !== leaseUntil.getTime()) return Promise.resolve(false);
    this.checks.set(history, next);
    return Promise.resolve(true);
  }

  requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    const history = this.known(key);
    if (!history?.payment || history.payment.state === 'paid') return Promise.resolve(false);
    this.checks.hasten(history, now);
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

  private known(key: PaymentKey): History | undefined {
    return this.histories.get(nameOf(key));
  }

  private historyOf(key: PaymentKey): History {
    const name = nameOf(key);
    const known = this.histories.get(name);
    if (known) return known;
    const history: History = { payment: undefined, check: undefined, outcomes: [], events: [] };
    this.histories.set(name, history);
    return history;
  }

  /** Owes what is not recorded yet, and returns that: the same fact is the same event. */
  private owe(history: History, facts: readonly AtmEvent[], now: Date): readonly AtmEvent[] {
    const events = facts.filter(({ id }) => !history.events.some(({ event }) => event.id === id));
    for (const event of events) {
      history.events = withMore(history.events, owedSince(now, event));
      this.owing.add(history);
    }
    if (events.length > 0) this.nudge(events.map(({ id }) => id));
    return events;
  }

  private nudge(eventIds: readonly string[]): void {
    for (const listener of this.listeners) listener(eventIds);
  }
}

/** What a claim is on, as long as it is the caller's. */
function claimedEntry(history: History | undefined, { event, claim }: OwedEvent): Entry | undefined {
  const entry = history?.events.find((candidate) => candidate.event.id === event.id);
  return entry?.leaseUntil && entry.claims === claim ? entry : undefined;
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
