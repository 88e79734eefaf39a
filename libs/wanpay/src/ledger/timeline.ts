import type { AtmEventType } from './events.js';
import type { Payment, PaymentState } from './payment.js';
import { writeDeliveryId } from './delivery-id.js';
import { type PersonAction, toAction } from './person-action.js';
import type {
  DeliveryState,
  ListedUnknownOrder,
  OrderHistory,
  OutcomeSource,
  PaymentQuery,
  RecordedOutcome,
  StoredOutcome,
} from './store.js';

/** Which payments to list. */
export interface PaymentFilter extends Omit<PaymentQuery, 'limit' | 'after'> {
  /** At most so many, 1 to 1000; 50 by default. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

/** Some payments, newest first. */
export interface PaymentPage {
  readonly payments: readonly Payment[];
  /** Pass it as `after` for the payments that follow; absent on the last page. */
  readonly next?: string;
}

/** Which unknown orders to list. */
export type UnknownOrderFilter = Pick<PaymentFilter, 'merchantNo' | 'needsReview' | 'limit' | 'after'>;

/** Some unknown orders, newest first. */
export interface UnknownOrderPage {
  readonly orders: readonly ListedUnknownOrder[];
  /** Pass it as `after` for the orders that follow; absent on the last page. */
  readonly next?: string;
}

/** Something that the platform said about an order, and what it changed. */
export interface OutcomeEntry {
  readonly kind: 'outcome';
  /** When it was said first. */
  readonly at: Date;
  readonly source: OutcomeSource;
  readonly outcome: RecordedOutcome;
  /** The payment's states before and after; absent when the order is unknown. */
  readonly change?: { readonly from: PaymentState; readonly to: PaymentState };
  /** How often it was said, and when last. */
  readonly count: number;
  readonly lastAt: Date;
}

/** How far an event is on its way to one handler. */
export interface EventDelivery {
  /** Pass it to `replayDelivery`. */
  readonly id: string;
  readonly handler: string;
  readonly state: DeliveryState;
  /** How many attempts were begun. */
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly failure?: string;
}

/** An event, and how far its deliveries are. */
export interface EventEntry {
  readonly kind: 'event';
  readonly at: Date;
  readonly eventId: string;
  readonly type: AtmEventType;
  /** Empty while no handler has subscribed to events of this type. */
  readonly deliveries: readonly EventDelivery[];
}

/** Something that a person did about an order, apart from accepting money. */
export interface ActionEntry extends PersonAction {
  readonly kind: 'action';
  readonly at: Date;
}

/** One line of an order's history. */
export type TimelineEntry = OutcomeEntry | EventEntry | ActionEntry;

/** An order's history, oldest first. */
export function toTimeline({ outcomes, events, deliveries }: OrderHistory): readonly TimelineEntry[] {
  const entries = [
    ...outcomes.map(toEntry),
    ...events.map(({ id: eventId, seq, type, occurredAt: at }): EventEntry => {
      const own = deliveries.filter((delivery) => delivery.seq === seq);
      return { kind: 'event', at, eventId, type, deliveries: own.map(toEventDelivery) };
    }),
  ];
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * Where a stored delivery stands.
 *
 * @param now left out, a claim counts whether it has lapsed or not
 */
export function stateOf(
  { state, claimed, dueAt }: Pick<OrderHistory['deliveries'][number], 'state' | 'claimed' | 'dueAt'>,
  now?: Date,
): DeliveryState {
  return state === 'pending' && claimed && (!now || dueAt > now) ? 'running' : state;
}

function toEntry(stored: StoredOutcome): OutcomeEntry | ActionEntry {
  const action = toAction(stored);
  return action ? { kind: 'action', at: stored.firstSeenAt, ...action } : toOutcomeEntry(stored);
}

function toOutcomeEntry({ source, outcome, change, count, firstSeenAt, lastSeenAt }: StoredOutcome): OutcomeEntry {
  const times = { at: firstSeenAt, lastAt: lastSeenAt, count };
  return { kind: 'outcome', source, outcome, ...times, ...(change ? { change } : {}) };
}

function toEventDelivery(delivery: OrderHistory['deliveries'][number]): EventDelivery {
  const { handler, attempts, failure } = delivery;
  const id = writeDeliveryId(delivery);
  return { id, handler, state: stateOf(delivery), attempts, ...(failure === undefined ? {} : { failure }) };
}
