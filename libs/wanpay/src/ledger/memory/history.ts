import type { AtmEvent } from '../events.js';
import type { DeadLetter, DeliveryFailure, EventOwed, OutcomeSeen } from '../ledger.js';
import type { Payment } from '../payment.js';

/** An event, and how far its delivery is. */
export interface Entry {
  readonly event: AtmEvent;
  delivery: EventOwed['delivery'];
  attempts: number;
  claims: number;
  handled: readonly string[];
  dueAt: Date;
  leaseUntil: Date | undefined;
  failure: DeliveryFailure | undefined;
  diedAt: Date | undefined;
}

/** When a payment is to be asked after. */
export interface PlannedCheck {
  at: Date;
  readonly failures: number;
}

/** All that is known of an order. */
export interface History {
  payment: Payment | undefined;
  check: PlannedCheck | undefined;
  outcomes: OutcomeSeen[];
  /** Oldest first; of those still owed, only the first may be delivered. */
  events: Entry[];
}

/** The list with an item more. Most have one or two, and pushing the first one would make room for seventeen. */
export function withMore<Item>(list: Item[], item: Item): Item[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

const NOBODY: readonly string[] = [];

/** An event that became owed. */
export function owedSince(now: Date, event: AtmEvent): Entry {
  return {
    event,
    delivery: 'owed',
    attempts: 0,
    claims: 0,
    handled: NOBODY,
    dueAt: now,
    leaseUntil: undefined,
    failure: undefined,
    diedAt: undefined,
  };
}

/** The one event that may be delivered now. */
export function firstOwed({ events }: History): Entry | undefined {
  return events.find(({ delivery }) => delivery === 'owed');
}

/** An event as a line of its order's history. */
export function toEventOwed({ event, delivery, attempts, handled, failure }: Entry): EventOwed {
  const { id: eventId, type, occurredAt: at } = event;
  return { kind: 'event', at, eventId, type, delivery, attempts, handled, ...(failure ? { failure } : {}) };
}

/** An event as a dead letter, if it is one. */
export function toDeadLetter({ event, delivery, attempts, handled, failure, diedAt }: Entry): DeadLetter[] {
  return delivery === 'dead' && failure && diedAt ? [{ event, attempts, handled, failure, diedAt }] : [];
}
