import type { AtmEventType, Subscription } from 'nestjs-wanpay/ledger';

/** How long events are kept that nobody has subscribed to, in seconds. */
export const KEEP = 7200;

/** How far an event must be on its way to one handler. Times are seconds since the start. */
export interface DeliveryModel {
  readonly handler: string;
  readonly state: 'pending' | 'delivered' | 'dead';
  readonly attempts: number;
  readonly dueAt: number;
  readonly failure: string | undefined;
  /** Until when somebody holds it. */
  readonly heldUntil: number | undefined;
  /** The newest claim; it proves itself as long as the delivery is pending. */
  readonly claim: symbol | undefined;
}

/** An event that must be recorded. */
export interface EventModel {
  readonly type: AtmEventType;
  /** Which event it is, such as `paid late` or `amount_mismatch 7`. */
  readonly fact: string;
  readonly at: number;
  /** Whether it waits for the first subscriber to its type; `maybe` where its last one was retired at that moment. */
  readonly kept: boolean | 'maybe';
  readonly deliveries: readonly DeliveryModel[];
}

/** An order's events, whatever else is known of it. */
interface HasEvents {
  readonly events: readonly EventModel[];
}

/** A delivery, and where it is. */
export interface Found {
  readonly event: EventModel;
  readonly delivery: DeliveryModel;
}

/** An event before it is known who gets it. */
export function recordedEvent(type: AtmEventType, fact: string, at: number): EventModel {
  return { type, fact, at, kept: false, deliveries: [] };
}

/**
 * Whom the events from `first` on may have gone to, when the subscriptions changed while they were recorded. One that found
 * nobody may have been overlooked by whoever subscribed just then, who gets it at the next look.
 */
export function deliveredTo<Order extends HasEvents>(
  order: Order,
  first: number,
  before: readonly Subscription[],
  then: readonly Subscription[],
): readonly Order[] {
  return variants(order, (event, i) => {
    if (i < first) return [event];
    const early = before.filter(({ type }) => type === event.type);
    const late = then.filter(({ type }) => type === event.type);
    const isRetired = early.some((one) => !late.some(({ handler }) => handler === one.handler));
    if (isRetired && late.length === 0) return [{ ...event, kept: 'maybe' }];
    return [late, ...(isRetired ? [] : [early])].map((to) => withDeliveries(event, to, event.at));
  });
}

/** What may come of it that kept events go to the subscriptions of their type. */
export function adopted<Order extends HasEvents>(
  order: Order,
  subscriptions: readonly Subscription[],
  now: number,
): readonly Order[] {
  return variants(order, (event) => {
    const to = subscriptions.filter(({ type }) => type === event.type);
    if (!event.kept || event.at < now - KEEP || to.length === 0) return [event];
    const given = { ...withDeliveries(event, to, now), kept: false };
    return event.kept === 'maybe' ? [given, { ...event, kept: false }] : [given];
  });
}

/** What may come of it that several processes subscribe at once: kept events go to those that came first. */
export function adoptedInTurn<Order extends HasEvents>(
  order: Order,
  subscriptions: readonly Subscription[],
  added: readonly (readonly Subscription[])[],
  now: number,
): readonly Order[] {
  if (added.length === 0) return [order];
  return added.flatMap((handlers, i) => {
    const then = [...new Set([...subscriptions, ...handlers])];
    const others = added.filter((_, other) => other !== i);
    return adopted(order, then, now).flatMap((next) => adoptedInTurn(next, then, others, now));
  });
}

/** The events of a period go to a subscription that has not had them. */
export function backfilled<Order extends HasEvents>(
  order: Order,
  subscription: Subscription,
  { from, to }: { readonly from: number; readonly to: number },
  now: number,
): Order {
  return mapEvents(order, (event) => {
    const isMeant = event.type === subscription.type && event.at >= from && event.at < to;
    return isMeant ? { ...withDeliveries(event, [subscription], now), kept: event.kept } : event;
  });
}

/** A handler is gone, with its deliveries. */
export function retired<Order extends HasEvents>(order: Order, handler: string): Order {
  return mapEvents(order, (event) => ({
    ...event,
    deliveries: event.deliveries.filter((delivery) => delivery.handler !== handler),
  }));
}

/** Changes one delivery. */
export function withDelivery<Order extends HasEvents>(
  order: Order,
  { event, delivery }: Found,
  changes: Partial<DeliveryModel>,
): Order {
  return mapEvents(order, (each) =>
    each.fact === event.fact
      ? {
          ...each,
          deliveries: each.deliveries.map((one) => (one.handler === delivery.handler ? { ...one, ...changes } : one)),
        }
      : each,
  );
}

/** Every delivery of an order. */
export function deliveriesOf({ events }: HasEvents): readonly Found[] {
  return events.flatMap((event) => event.deliveries.map((delivery) => ({ event, delivery })));
}

/** The deliveries of an order that may run: the first pending one of each handler. */
export function firstPending(order: HasEvents): readonly Found[] {
  const pending = deliveriesOf(order).filter(({ delivery }) => delivery.state === 'pending');
  return pending.filter(
    (found, i) => !pending.slice(0, i).some(({ delivery }) => delivery.handler === found.delivery.handler),
  );
}

/** When a pending delivery can be claimed. */
export function claimableAt({ heldUntil, dueAt }: DeliveryModel): number {
  return heldUntil ?? dueAt;
}

function withDeliveries(event: EventModel, to: readonly Subscription[], dueAt: number): EventModel {
  const missing = to.filter(({ handler }) => !event.deliveries.some((delivery) => delivery.handler === handler));
  const added = missing.map(({ handler }): DeliveryModel => ({
    handler,
    state: 'pending',
    attempts: 0,
    dueAt,
    failure: undefined,
    heldUntil: undefined,
    claim: undefined,
  }));
  return { ...event, kept: to.length === 0, deliveries: [...event.deliveries, ...added] };
}

function mapEvents<Order extends HasEvents>(order: Order, change: (event: EventModel) => EventModel): Order {
  return { ...order, events: order.events.map(change) };
}

/** Every order that comes of it when each event may be one of several. */
function variants<Order extends HasEvents>(
  order: Order,
  possible: (event: EventModel, place: number) => readonly EventModel[],
): readonly Order[] {
  const lists = order.events.reduce<readonly (readonly EventModel[])[]>(
    (all, event, i) => all.flatMap((events) => possible(event, i).map((each) => [...events, each])),
    [[]],
  );
  return lists.map((events) => ({ ...order, events }));
}
