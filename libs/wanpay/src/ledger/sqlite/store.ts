import type { VirtualAccount } from '../../protocol/index.js';
import { ClaimLostError } from '../errors.js';
import type { AtmEvent } from '../events.js';
import type {
  DeadLetter,
  DeliveryAttempt,
  DueCheck,
  NextCheck,
  OutcomeSeen,
  OwedEvent,
  PaymentFilter,
  PaymentPage,
  Period,
  PeriodSummary,
  Report,
  Settled,
  TimelineEntry,
} from '../ledger.js';
import type { IssuedPayment, Payment, PaymentKey } from '../payment.js';
import { issue, settle, unmatched } from '../settle.js';
import { Checks } from './checks.js';
import type { Connection } from './connection.js';
import { EventsTable } from './events-table.js';
import { OutcomesTable } from './outcomes-table.js';
import { listPayments } from './payment-list.js';
import { PaymentsTable, type Written } from './payments-table.js';
import { summarize } from './summary.js';

/** What the ledger does to its tables, all of it synchronous. What writes is called inside a transaction of the caller's. */
export class Store {
  private readonly payments: PaymentsTable;
  private readonly outcomes: OutcomesTable;
  private readonly events: EventsTable;
  private readonly checks: Checks;
  /** Numbers what was said and what is owed in one row; there is but one writer. */
  private seq: number;

  constructor(private readonly connection: Connection) {
    this.payments = new PaymentsTable(connection);
    this.outcomes = new OutcomesTable(connection);
    this.events = new EventsTable(connection);
    this.checks = new Checks(connection);
    this.seq = Math.max(this.outcomes.lastSeq(), this.events.lastSeq());
  }

  open(payment: Payment, nextCheckAt?: Date): { payment: Payment; opened: boolean } {
    const opened = this.payments.insert(payment, nextCheckAt);
    return { payment: (opened ? undefined : this.payments.find(payment)) ?? payment, opened };
  }

  withdraw(key: PaymentKey): void {
    this.payments.deleteIntent(key);
  }

  unclaimAll(): void {
    this.events.unclaimAll();
  }

  find(key: PaymentKey): Payment | undefined {
    return this.payments.find(key);
  }

  issue(
    key: PaymentKey,
    account: VirtualAccount,
    now: Date,
    nextCheckAt?: Date,
  ): { payment: IssuedPayment; events: readonly AtmEvent[] } | undefined {
    const payment = this.payments.find(key);
    if (!payment) return undefined;
    const issued = issue(payment, account, now);
    const written = this.payments.update(issued.payment);
    if (nextCheckAt) this.checks.hasten(key, nextCheckAt);
    return { payment: issued.payment, events: this.owe(issued.events, now, written) };
  }

  settle(report: Report): Settled {
    const { outcome, source, now } = report;
    const before = this.payments.find(report);
    if (!before) {
      this.record(report, { kind: 'outcome', at: now, source, outcome });
      return { events: this.owe([unmatched(report, outcome, now)], now), unconfirmed: false };
    }
    const { payment, events, unconfirmed } = settle(before, outcome, now, report.mustConfirm);
    const change = { from: before.state, to: payment.state };
    this.record(report, { kind: 'outcome', at: now, source, outcome, change });
    const written = payment === before ? undefined : this.payments.update(payment);
    if (unconfirmed && source === 'notification') this.checks.hasten(report, now);
    return { payment, events: this.owe(events, now, written), unconfirmed };
  }

  list(filter: PaymentFilter): PaymentPage {
    return listPayments(this.connection, filter);
  }

  timeline(key: PaymentKey): readonly TimelineEntry[] {
    return [...this.outcomes.ofOrder(key), ...this.events.ofOrder(key)]
      .sort((a, b) => a.entry.at.getTime() - b.entry.at.getTime() || a.seq - b.seq)
      .map(({ entry }) => entry);
  }

  purge(before: Date, limit: number): number {
    const purged = this.payments.deleteEnded(before, limit);
    for (const key of purged) {
      this.outcomes.deleteOfOrder(key);
      this.events.deleteOfOrder(key);
    }
    return purged.length;
  }

  claim(now: Date, leaseUntil: Date, limit: number): readonly OwedEvent[] {
    return this.events.claim(now, leaseUntil, limit);
  }

  release(owed: OwedEvent): void {
    this.events.unclaim(owed);
  }

  recordAttempt(owed: OwedEvent, { handled, failure, retryAt, now }: DeliveryAttempt): boolean {
    const before = this.events.handledOf(owed);
    if (!before) return false;
    const course = { handled: union(before, handled), failure };
    if (!failure) this.events.giveBack(owed, { ...course, delivery: 'delivered' });
    else if (retryAt) this.events.giveBack(owed, { ...course, delivery: 'owed', dueAt: retryAt });
    else this.events.giveBack(owed, { ...course, delivery: 'dead', diedAt: now });
    return true;
  }

  /**
   * Marks a handler as done, and has it do its part.
   *
   * @throws ClaimLostError when the claim is no longer held; and whatever `work` throws
   */
  handle(owed: OwedEvent, handler: string, work: () => void): void {
    const before = this.events.handledOf(owed);
    if (!before) throw new ClaimLostError(owed.event.id);
    this.events.setHandled(owed, union(before, [handler]));
    work();
  }

  nextDue(): Date | undefined {
    return this.events.nextDue();
  }

  deadLetters(): readonly DeadLetter[] {
    return this.events.deadLetters();
  }

  replay(eventId: string, now: Date): boolean {
    return this.events.revive(eventId, now);
  }

  claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): readonly DueCheck[] {
    return this.checks.claim(now, leaseUntil, limit, merchantNo);
  }

  scheduleCheck(check: DueCheck, next: NextCheck): boolean {
    return this.checks.schedule(check, next);
  }

  requestCheck(key: PaymentKey, now: Date): boolean {
    return this.checks.hasten(key, now);
  }

  nextCheckDue(merchantNo?: string): Date | undefined {
    return this.checks.nextDue(merchantNo);
  }

  summarize(period: Period): PeriodSummary {
    return summarize(this.connection, period);
  }

  private record(key: PaymentKey, seen: OutcomeSeen): void {
    this.outcomes.insert(this.nextSeq(), key, seen);
  }

  /** Returns those that were not owed before: a fact recorded twice is recorded once. */
  private owe(events: readonly AtmEvent[], dueAt: Date, written?: Written): readonly AtmEvent[] {
    return events.filter((event) => this.events.insert(this.nextSeq(), event, dueAt, written));
  }

  private nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
