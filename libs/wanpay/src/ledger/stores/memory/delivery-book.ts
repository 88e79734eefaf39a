import type { AtmEventType } from '../../events.js';
import type {
  ClaimedDeliveries,
  DeliveryChange,
  DeliveryClaim,
  DeliveryKey,
  DeliveryQuery,
  OrderChange,
  StoredDelivery,
  Subscription,
  SubscriptionChange,
  Subscriptions,
} from '../../store.js';
import { Delivery, Subscriber } from './delivery.js';
import { nextDue, OUT, takeDue } from './due-heap.js';
import { fewOf, listOf, withMore } from './few.js';
import { toMoment } from './moments.js';
import type { Order, Orders } from './order.js';
import type { PackedEvent } from './packed-event.js';

/** Who gets which events, and how far those are. */
export class DeliveryBook {
  readonly #subscribers = new Map<AtmEventType, Subscriber[]>();
  /** Events that nobody had subscribed to, with their orders. */
  readonly #kept = new Map<AtmEventType, Map<PackedEvent, Order>>();
  /** Every delivery, by its position. */
  #recorded: Delivery[] = [];
  private lastPosition = 0;

  constructor(private readonly orders: Orders) {}

  /** Records a new event's deliveries. */
  record(order: Order, event: PackedEvent): void {
    const subscribers = this.#subscribers.get(event.type) ?? [];
    for (const subscriber of subscribers) this.add(order, event, subscriber, event.occurredAt);
    if (subscribers.length > 0) return;
    const kept = this.#kept.get(event.type) ?? new Map<PackedEvent, Order>();
    this.#kept.set(event.type, kept.set(event, order));
  }

  /** Forgets the deliveries of orders that were removed. */
  forget(removed: readonly Order[]): void {
    for (const { deliveries, events } of removed) {
      for (const delivery of listOf(deliveries)) {
        delivery.subscriber.count(delivery, -1);
        delivery.subscriber.queue.remove(delivery);
      }
      for (const event of listOf(events)) this.#kept.get(event.type)?.delete(event);
    }
    if (removed.some(({ deliveries }) => deliveries)) {
      this.#recorded = this.#recorded.filter(({ order }) => order.version > 0);
    }
  }

  subscribe({ retire, add = [], seen = [], adoptSince, backfill, now }: SubscriptionChange): Subscriptions {
    if (retire !== undefined) this.retire(retire);
    for (const each of add) this.subscriberOf(each, now).lastSeenAt = now;
    for (const each of seen) {
      const subscriber = this.find(each);
      if (subscriber) subscriber.lastSeenAt = now;
    }
    const adopted = adoptSince ? this.adopt(adoptSince, now) : 0;
    const filled = backfill ? this.backfill(backfill, now) : 0;
    const subscriptions = [...this.#subscribers.values()].flat().map((subscriber) => subscriber.toStored());
    return { subscriptions, added: adopted + filled };
  }

  claim({ subscriptions, now, leaseUntil, limit }: DeliveryClaim): ClaimedDeliveries {
    const queues = subscriptions.flatMap((subscription) => this.find(subscription)?.queue ?? []);
    const claimed = takeDue(queues, now, limit);
    for (const delivery of claimed) delivery.claimUntil(leaseUntil);
    const next = nextDue(queues);
    return { deliveries: claimed.map((delivery) => delivery.toStored()), ...(next ? { nextDueAt: next } : {}) };
  }

  /** Claims deliveries that changes added and that were never claimed, as far as they are next. */
  claimAdded(
    changes: readonly OrderChange[],
    { subscriptions, leaseUntil, limit }: DeliveryClaim,
  ): readonly DeliveryKey[] {
    const claimed: DeliveryKey[] = [];
    for (const change of changes) {
      for (const delivery of change.events ? listOf(this.orders.get(change)?.deliveries) : []) {
        const { subscriber, event, place, claim } = delivery;
        const isNext = place !== OUT && claim === 0 && subscriptions.some((one) => subscriber.isOf(one));
        if (!isNext || !change.events?.some(({ seq }) => seq === event.seq)) continue;
        if (claimed.length === limit) return claimed;
        delivery.claimUntil(leaseUntil);
        claimed.push(delivery.key);
      }
    }
    return claimed;
  }

  change(change: DeliveryChange): boolean {
    const order = this.orders.get(change);
    const delivery = listOf(order?.deliveries).find(
      ({ event, subscriber }) => event.seq === change.seq && subscriber.handler === change.handler,
    );
    if (!order || !delivery?.meets(change)) return false;
    delivery.apply(change);
    queueFirst(order, change.handler);
    return true;
  }

  list({ state, handler, type, from, to, limit, before = Infinity, now }: DeliveryQuery): readonly StoredDelivery[] {
    const found: StoredDelivery[] = [];
    const [first, end] = [from ? toMoment(from) : -Infinity, to ? toMoment(to) : Infinity];
    for (let i = this.#recorded.length - 1; i >= 0 && found.length < limit; i -= 1) {
      const delivery = this.#recorded[i];
      if (!delivery || delivery.position >= before) continue;
      const { event, subscriber } = delivery;
      const isMeant =
        (state === undefined || stateAt(delivery, now) === state) &&
        (handler === undefined || subscriber.handler === handler) &&
        (type === undefined || event.type === type) &&
        event.occurredAt >= first &&
        event.occurredAt < end;
      if (isMeant) found.push(delivery.toStored());
    }
    return found;
  }

  private find({ handler, type }: Subscription): Subscriber | undefined {
    return this.#subscribers.get(type)?.find((subscriber) => subscriber.handler === handler);
  }

  private subscriberOf(subscription: Subscription, now: Date): Subscriber {
    const known = this.find(subscription);
    if (known) return known;
    const { handler, type } = subscription;
    const subscriber = new Subscriber(handler, type, now, now);
    this.#subscribers.set(type, [...(this.#subscribers.get(type) ?? []), subscriber]);
    return subscriber;
  }

  private retire(handler: string): void {
    for (const [type, subscribers] of this.#subscribers) {
      this.#subscribers.set(
        type,
        subscribers.filter((subscriber) => subscriber.handler !== handler),
      );
    }
    const isOther = ({ subscriber }: Delivery): boolean => subscriber.handler !== handler;
    for (const order of this.orders) {
      const deliveries = listOf(order.deliveries);
      if (!deliveries.every(isOther)) order.deliveries = fewOf(deliveries.filter(isOther));
    }
    this.#recorded = this.#recorded.filter(isOther);
  }

  private adopt(since: Date, now: Date): number {
    let adopted = 0;
    for (const [type, kept] of this.#kept) {
      const subscribers = this.#subscribers.get(type) ?? [];
      if (subscribers.length === 0) continue;
      for (const [event, order] of kept) {
        if (event.occurredAt < toMoment(since)) continue;
        for (const subscriber of subscribers) adopted += this.add(order, event, subscriber, toMoment(now));
        kept.delete(event);
      }
    }
    return adopted;
  }

  private backfill({ subscription, from, to }: NonNullable<SubscriptionChange['backfill']>, now: Date): number {
    const subscriber = this.find(subscription);
    if (!subscriber) return 0;
    let added = 0;
    const [first, end] = [toMoment(from), toMoment(to)];
    for (const order of this.orders) {
      for (const event of listOf(order.events)) {
        const isMeant = event.type === subscriber.type && event.occurredAt >= first && event.occurredAt < end;
        if (isMeant) added += this.add(order, event, subscriber, toMoment(now));
      }
    }
    return added;
  }

  /** Adds a delivery, unless there is one already; tells how many were added. */
  private add(order: Order, event: PackedEvent, subscriber: Subscriber, due: number): number {
    const deliveries = listOf(order.deliveries);
    if (deliveries.some((known) => known.event === event && known.subscriber === subscriber)) return 0;
    this.lastPosition += 1;
    const delivery = new Delivery(order, event, subscriber, this.lastPosition, due);
    const isLast = (deliveries.at(-1)?.event.seq ?? 0) <= event.seq;
    order.deliveries = isLast
      ? withMore(order.deliveries, delivery)
      : fewOf([...deliveries, delivery].sort((a, b) => a.event.seq - b.event.seq));
    this.#recorded.push(delivery);
    subscriber.count(delivery, 1);
    queueFirst(order, subscriber.handler);
    return 1;
  }
}

/** Puts the first pending delivery of an order to a handler where it can be claimed, and those behind it nowhere. */
function queueFirst(order: Order, handler: string): void {
  let isFirst = true;
  for (const delivery of listOf(order.deliveries)) {
    const { queue, handler: itsHandler } = delivery.subscriber;
    if (itsHandler !== handler) continue;
    const isPending = delivery.state === 'pending';
    if (isPending && isFirst) queue.put(delivery, delivery.due);
    else queue.remove(delivery);
    if (isPending) isFirst = false;
  }
}

function stateAt({ state, claimed, due }: Delivery, now: Date): DeliveryQuery['state'] {
  return state === 'pending' && claimed && due > toMoment(now) ? 'running' : state;
}
