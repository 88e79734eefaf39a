import { type Committed, GroupCommit } from '../group-commit.js';
import type { AtmEvent } from '../events.js';
import { foresee, type Foreseen } from '../foresee.js';
import type { Report, Settled } from '../ledger.js';
import type { Payment, PaymentKey } from '../payment.js';
import { issue, settle, unmatched } from '../settle.js';
import type { VirtualAccount } from '../../protocol/index.js';
import { type Database, isConflict, isFaultOfOne } from './database.js';
import type { ForeseenReport } from './foreseen-statement.js';
import { ForeseenWriter } from './foreseen-writer.js';
import { readPayments, type Versioned } from './payments.js';
import type { OrderWrite, OutcomeWrite } from './settlement-rows.js';
import { SettlementWriter } from './settlement-writer.js';

/** Something to be applied to an order: an outcome, or the account that was issued for it. */
interface Change {
  readonly key: PaymentKey;
  readonly now: Date;
  readonly apply: (payment: Payment | undefined) => Settled;
  readonly report?: Report;
  readonly foreseen?: Foreseen | undefined;
  /** When its payment is to be asked after instead of when it was to be. */
  readonly nextCheckAt?: Date | undefined;
}

/** The changes of one batch to one order, in the order in which they came. */
interface Order {
  readonly key: PaymentKey;
  readonly changes: Change[];
}

type Results = ReadonlyMap<Change, Committed<Settled>>;

interface Applied extends Order {
  readonly write: OrderWrite;
  readonly settled: readonly Settled[];
}

/** How often a batch is computed anew for the orders that others wrote meanwhile. Each round that fails is one that they won. */
const MAX_ROUNDS = 50;

/**
 * Applies outcomes and accounts to orders: what arrives while a batch is being written is written together by the next.
 *
 * What of a batch can be foreseen is written at once; see `ForeseenWriter`. The rest is read in one statement, computed
 * here, and written in one statement, which is a transaction. Nothing is locked between the two. What makes that right,
 * with any number of replicas at it:
 *
 * - A payment is written only if its `version` is still the one that was read; else it took no part in the statement,
 *   and is read and computed again. Every write draws a version that never was before.
 * - Events are inserted only with the write of the payment that owes them, so `atm.paid` can come only from the one
 *   write that moved the payment from another state to `paid`. Their ids, being made from the fact, are unique as well.
 * - The rows of a statement are locked in the order of their keys, so batches can't wait for each other in a circle.
 * - When a payment is to be asked after next is no part of what is read and written back: see `Checks`.
 * - An order that was not there when it was read can be opened before the batch is written. Such a batch first takes
 *   the order's advisory lock, and in a later statement, whose snapshot is taken under the lock, writes the unmatched
 *   outcome only if there is still no payment. Whoever opens the order holds the same lock, shared, until it has
 *   committed. So either the payment is seen, and the outcome is applied to it in the next round, or opening begins
 *   after the unmatched outcome was committed: no outcome falls between the two.
 */
export class Settlements {
  private readonly batches = new GroupCommit<Change, Settled>((changes) => this.write(changes));
  private readonly foreseen: ForeseenWriter;
  private readonly writer: SettlementWriter;

  /** @param onOwed called after the commit, with the events that it owed */
  constructor(
    private readonly db: Database,
    private readonly onOwed: (eventIds: readonly string[]) => void,
  ) {
    this.foreseen = new ForeseenWriter(db);
    this.writer = new SettlementWriter(db);
  }

  /** {@link Ledger.settle} */
  settle(report: Report): Promise<Settled> {
    const { outcome, mustConfirm, now } = report;
    return this.batches.submit({
      key: report,
      now,
      report,
      foreseen: foresee(report),
      apply: (payment) =>
        payment
          ? settle(payment, outcome, now, mustConfirm)
          : { events: [unmatched(report, outcome, now)], unconfirmed: false },
    });
  }

  /** {@link Ledger.issue} */
  async issue(key: PaymentKey, account: VirtualAccount, now: Date, nextCheckAt?: Date): Promise<Payment | undefined> {
    const { payment } = await this.batches.submit({
      key,
      now,
      nextCheckAt,
      apply: (existing) => (existing ? issue(existing, account, now) : { events: [], unconfirmed: false }),
    });
    return payment;
  }

  private async write(changes: readonly Change[]): Promise<readonly Committed<Settled>[]> {
    const foreseen = await this.writeForeseen(changes);
    const read = await this.writeRead(changes.filter((change) => !foreseen.has(change)));
    return changes.flatMap((change) => foreseen.get(change) ?? read.get(change) ?? []);
  }

  /** Tells what became of those that could be foreseen: the only ones of their order, and it was as was foreseen. */
  private async writeForeseen(changes: readonly Change[]): Promise<Results> {
    const alone = byOrder(changes).flatMap(({ changes: [first, ...others] }) => {
      return first && others.length === 0 && isForeseen(first) ? [first] : [];
    });
    if (alone.length === 0) return new Map();
    try {
      const settled = await this.foreseen.write(alone);
      this.tell([...settled.values()].flatMap(({ events }) => events.map(({ id }) => id)));
      return new Map([...settled].map(([change, result]) => [change, { result }]));
    } catch (error) {
      // They are read then, one by one if need be, so that each fails or succeeds by itself.
      if (isConflict(error) || isFaultOfOne(error)) return new Map();
      return new Map(alone.map((change) => [change, { error }]));
    }
  }

  /** Tells what became of each. */
  private async writeRead(changes: readonly Change[]): Promise<Results> {
    const results = new Map<Change, Committed<Settled>>();
    let left = byOrder(changes);
    let failure: unknown;
    try {
      for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round += 1) left = await this.writeOnce(left, results);
    } catch (error) {
      // Only a batch of which nothing was committed, and which may do better one by one, is to be taken apart.
      if (results.size === 0 && changes.length > 1 && isFaultOfOne(error)) return this.writeOneByOne(changes);
      failure = error;
    }
    if (left.length > 0) failure ??= new Error('The orders were written by others again and again.');
    return new Map(changes.map((change) => [change, results.get(change) ?? { error: failure }]));
  }

  private async writeOneByOne(changes: readonly Change[]): Promise<Results> {
    const results: [Change, Committed<Settled>][] = [];
    for (const change of changes) results.push(...(await this.writeRead([change])));
    return new Map(results);
  }

  /** Returns the orders that were written by others meanwhile. */
  private async writeOnce(
    orders: readonly Order[],
    results: Map<Change, Committed<Settled>>,
  ): Promise<readonly Order[]> {
    const found = await readPayments(
      this.db,
      orders.map(({ key }) => key),
    );
    const payments = new Map(found.map((versioned) => [nameOf(versioned.payment), versioned]));
    const applied = orders.map((order) => applyTo(order, payments.get(nameOf(order.key))));
    const written = await this.writer.write(applied.map(({ write }) => write)).catch((error: unknown) => {
      if (isConflict(error)) return undefined;
      throw error;
    });
    if (!written) return orders;
    applied.forEach(({ changes, settled }, n) => {
      if (!written.orders.has(n)) return;
      changes.forEach((change, i) => {
        const result = settled[i];
        if (result) results.set(change, { result: onlyOwed(result, written.events) });
      });
    });
    this.tell([...written.events]);
    return orders.filter((_, n) => !written.orders.has(n));
  }

  private tell(eventIds: readonly string[]): void {
    if (eventIds.length > 0) this.onOwed(eventIds);
  }
}

function isForeseen(change: Change): change is Change & ForeseenReport {
  return change.report !== undefined && change.foreseen !== undefined;
}

function byOrder(changes: readonly Change[]): readonly Order[] {
  const orders = new Map<string, Order>();
  for (const change of changes) {
    const name = nameOf(change.key);
    const order = orders.get(name) ?? { key: change.key, changes: [] };
    orders.set(name, order);
    order.changes.push(change);
  }
  return [...orders.values()];
}

function applyTo(order: Order, found: Versioned | undefined): Applied {
  let payment = found?.payment;
  const settled: Settled[] = [];
  let checkAt: Date | undefined;
  const outcomes: OutcomeWrite[] = [];
  const events = new Map<string, { event: AtmEvent; dueAt: Date }>();
  for (const change of order.changes) {
    const result = change.apply(payment);
    const fresh = result.events.filter(({ id }) => !events.has(id));
    for (const event of fresh) events.set(event.id, { event, dueAt: change.now });
    if (change.report) outcomes.push(outcomeOf(change.report, payment, result.payment));
    checkAt = earlier(checkAt, checkAfter(change, result));
    settled.push({ ...result, events: fresh });
    payment = result.payment;
  }
  const write: OrderWrite = {
    key: order.key,
    version: found?.version,
    ...(payment && payment !== found?.payment ? { payment } : {}),
    isIssued: payment?.account !== found?.payment.account,
    checkAt,
    outcomes,
    events: [...events.values()],
  };
  return { ...order, settled, write };
}

/** When a payment's check is to be at the latest, after a change. */
function checkAfter({ nextCheckAt, report, now }: Change, { unconfirmed }: Settled): Date | undefined {
  return unconfirmed && report?.source === 'notification' ? now : nextCheckAt;
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a && (!b || a < b) ? a : b;
}

function outcomeOf(report: Report, before: Payment | undefined, after: Payment | undefined): OutcomeWrite {
  const change = before && after ? { from: before.state, to: after.state } : undefined;
  return { outcome: report.outcome, source: report.source, at: report.now, change };
}

/** An event that was owed before is not owed again. */
function onlyOwed(settled: Settled, owed: ReadonlySet<string>): Settled {
  return { ...settled, events: settled.events.filter(({ id }) => owed.has(id)) };
}

/** Order numbers of strangers may hold any character, so the two parts are kept apart by one that neither can hide. */
function nameOf({ merchantNo, orderNo }: PaymentKey): string {
  return JSON.stringify([merchantNo, orderNo]);
}
