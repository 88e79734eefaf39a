import { NoTransactionsError } from '../../errors.js';
import type { Payment, PaymentKey, PaymentState } from '../../payment.js';
import type {
  CheckClaim,
  ClaimedChecks,
  ClaimedDeliveries,
  CommittedChanges,
  DeliveryChange,
  DeliveryClaim,
  DeliveryQuery,
  Lease,
  LedgerStore,
  ListedOrder,
  ListedUnknownOrder,
  OrderChange,
  OrderHistory,
  OrderRecord,
  PaymentPosition,
  PaymentQuery,
  Period,
  PeriodSummary,
  StoredDelivery,
  StoredOutcome,
  SubscriptionChange,
  Subscriptions,
  TransactionalWork,
  UnknownOrder,
  UnknownOrderQuery,
} from '../../store.js';
import { Leases } from '../leases.js';
import { CheckPlan } from './check-plan.js';
import { DeliveryBook } from './delivery-book.js';
import { KeptRecords } from './kept-records.js';
import { listOf, withMore } from './few.js';
import { toDate, toMoment } from './moments.js';
import { type Order, Orders } from './order.js';
import { PackedEvent } from './packed-event.js';
import { PackedOutcome } from './packed-outcome.js';
import { PackedPayment } from './packed-payment.js';
import { needsReview, payerNoOf } from '../../review.js';
import { summarize } from './summarize.js';

/**
 * A store that forgets when the process ends: for development and tests.
 *
 * Nothing in it awaits, so each operation is atomic by itself.
 */
export class MemoryStore implements LedgerStore {
  readonly transactions = 'none';
  readonly isShared: boolean = false;
  readonly blocks = false;
  readonly records = new KeptRecords();

  private readonly orders = new Orders();
  private readonly checks = new CheckPlan();
  private readonly deliveries = new DeliveryBook(this.orders);
  private readonly leases = new Leases();

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  load(keys: readonly PaymentKey[]): Promise<readonly (OrderRecord | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.orders.get(key)?.toRecord()));
  }

  commit(changes: readonly OrderChange[]): Promise<readonly boolean[]> {
    return Promise.resolve(changes.map((change) => this.change(change)));
  }

  async commitAndClaim(changes: readonly OrderChange[], claim: DeliveryClaim): Promise<CommittedChanges> {
    const applied = await this.commit(changes);
    const written = changes.filter((_, i) => applied[i]);
    return { applied, claimed: this.deliveries.claimAdded(written, claim) };
  }

  listOrders(query: PaymentQuery | UnknownOrderQuery): Promise<readonly ListedOrder[]> {
    return Promise.resolve('hasPayment' in query ? this.listUnknown(query) : this.listPayments(query));
  }

  private listPayments({ limit, ...query }: PaymentQuery): readonly Payment[] {
    const found: Payment[] = [];
    for (const order of this.orders) {
      const { payment } = order;
      if (payment && matches(payment, query) && isListed(positionOf(order, payment), payment, query)) {
        found.push(payment.unpack(order));
      }
    }
    return found.sort(newestFirst).slice(0, limit + 1);
  }

  private listUnknown({ limit, ...query }: UnknownOrderQuery): readonly ListedUnknownOrder[] {
    const found: (ListedUnknownOrder & PaymentPosition)[] = [];
    for (const { merchantNo, orderNo, unknown } of this.orders) {
      if (!unknown) continue;
      const order = { ...unknown, merchantNo, orderNo, createdAt: unknown.firstSeenAt };
      if (isListed(order, unknown, query)) found.push(order);
    }
    const page = found.sort(newestFirst).slice(0, limit + 1);
    return page.map(({ createdAt: _firstSeenAt, ...order }) => order);
  }

  history(key: PaymentKey): Promise<OrderHistory> {
    const { payment, outcomes, events, deliveries } = this.orders.get(key) ?? {};
    return Promise.resolve({
      ...(payment ? { payment: payment.unpack(key) } : {}),
      outcomes: listOf(outcomes).map((outcome) => outcome.unpack()),
      events: listOf(events).map((event) => event.unpack()),
      deliveries: listOf(deliveries).map((delivery) => delivery.toProgress()),
    });
  }

  count(period: Period): Promise<PeriodSummary> {
    return Promise.resolve(summarize(this.orders, period));
  }

  purge(states: readonly PaymentState[], before: Date, limit: number): Promise<number> {
    const purged: Order[] = [];
    for (const order of this.orders) {
      if (purged.length >= limit) break;
      if (isOver(order, states, before)) purged.push(order);
    }
    this.remove(purged);
    return Promise.resolve(purged.length);
  }

  subscribe(change: SubscriptionChange): Promise<Subscriptions> {
    return Promise.resolve(this.deliveries.subscribe(change));
  }

  claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDeliveries> {
    return Promise.resolve(this.deliveries.claim(claim));
  }

  changeDeliveries(changes: readonly DeliveryChange[], work?: TransactionalWork): Promise<readonly boolean[]> {
    if (work) return Promise.reject(new NoTransactionsError());
    return Promise.resolve(changes.map((change) => this.deliveries.change(change)));
  }

  listDeliveries(query: DeliveryQuery): Promise<readonly StoredDelivery[]> {
    return Promise.resolve(this.deliveries.list(query));
  }

  claimChecks(claim: CheckClaim): Promise<ClaimedChecks> {
    return Promise.resolve(this.checks.claim(claim));
  }

  lease(lease: Lease): Promise<boolean> {
    return Promise.resolve(this.leases.apply(lease));
  }

  private change(change: OrderChange): boolean {
    const { expectedVersion, expectedCheckAt } = change;
    const known = this.orders.get(change);
    if (expectedVersion !== undefined && expectedVersion !== (known?.version ?? 0)) return false;
    if (expectedCheckAt && known?.check?.due !== toMoment(expectedCheckAt)) return false;
    if (expectedVersion === undefined) {
      if (known) this.note(known, change);
      return known !== undefined;
    }
    if (change.remove) {
      this.remove(known ? [known] : []);
      return true;
    }
    if (known) known.version += 1;
    this.write(known ?? this.orders.add(change, change.firstVersion), change);
    return true;
  }

  private write(order: Order, change: OrderChange): void {
    if (change.payment) {
      order.payment = new PackedPayment(change.payment, order.payment);
      order.unknown = undefined;
    } else if (change.unknown) {
      order.unknown = change.unknown;
    }
    this.note(order, change);
    for (const stored of change.events ?? []) {
      const event = new PackedEvent(stored, order.payment?.facts);
      order.events = withMore(order.events, event);
      this.deliveries.record(order, event);
    }
  }

  private note(order: Order, { check, outcomes = [] }: OrderChange): void {
    if (check) this.checks.change(order, check);
    for (const outcome of outcomes) count(order, outcome);
  }

  private remove(orders: readonly Order[]): void {
    for (const order of orders) {
      this.checks.remove(order);
      this.orders.remove(order);
    }
    this.deliveries.forget(orders);
  }
}

/** Records an outcome, or counts it again if it is already there. */
function count(order: Order, outcome: StoredOutcome): void {
  const known = listOf(order.outcomes).find(({ digest }) => digest === outcome.digest);
  if (known) known.add(outcome);
  else order.outcomes = withMore(order.outcomes, new PackedOutcome(outcome, order.payment?.facts));
}

function isOver({ payment, unknown, deliveries }: Order, states: readonly PaymentState[], before: Date): boolean {
  if (payment && !states.includes(payment.state)) return false;
  const updatedAt = payment?.updatedAt ?? (unknown && toMoment(unknown.updatedAt));
  return (
    updatedAt !== undefined &&
    updatedAt < toMoment(before) &&
    listOf(deliveries).every(({ state }) => state === 'delivered')
  );
}

function matches(payment: PackedPayment, query: Omit<PaymentQuery, 'limit'>): boolean {
  const { states, createdFrom, createdBefore, amount, accountNo, payerNo } = query;
  return (
    (states === undefined || states.includes(payment.state)) &&
    (!createdFrom || payment.createdAt >= toMoment(createdFrom)) &&
    (!createdBefore || payment.createdAt < toMoment(createdBefore)) &&
    (amount === undefined || payment.amount === amount) &&
    (accountNo === undefined || payment.account?.number === accountNo) &&
    (payerNo === undefined || payerNoOf(payment) === payerNo)
  );
}

function positionOf({ merchantNo, orderNo }: Order, { createdAt }: PackedPayment): PaymentPosition {
  return { merchantNo, orderNo, createdAt: toDate(createdAt) };
}

function isListed(
  position: PaymentPosition,
  order: PackedPayment | UnknownOrder,
  { merchantNo, needsReview: isForReview, after }: Omit<UnknownOrderQuery, 'limit' | 'hasPayment'>,
): boolean {
  return (
    (merchantNo === undefined || position.merchantNo === merchantNo) &&
    (!isForReview || needsReview(order)) &&
    (!after || newestFirst(after, position) < 0)
  );
}

function newestFirst(a: PaymentPosition, b: PaymentPosition): number {
  return (
    b.createdAt.getTime() - a.createdAt.getTime() ||
    descending(a.merchantNo, b.merchantNo) ||
    descending(a.orderNo, b.orderNo)
  );
}

function descending(a: string, b: string): number {
  return a === b ? 0 : a < b ? 1 : -1;
}
