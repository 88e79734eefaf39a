import type { AtmEvent } from '../events.js';
import type { DeadLetter, DeliveryFailure, EventOwed, OwedEvent } from '../ledger.js';
import { readEvent, writeRecord } from '../record.js';
import { numberOf, type Row, textOf } from './connection.js';
import type { Written } from './payments-table.js';

/**
 * Writes an event; what is owed for a payment that was just written takes over its document, since making text of a
 * payment is the larger part of making text of an event.
 */
export function writeEvent(event: AtmEvent, written?: Written): string {
  if (!written || !('payment' in event) || event.payment !== written.payment) return writeRecord(event);
  const { payment: _, ...rest } = event;
  return `${JSON.stringify(rest).slice(0, -1)},"payment":${written.document}}`;
}

/** Reads a row of an event that was just claimed. */
export function toOwedEvent(row: Row): OwedEvent {
  const [attempt, claim] = [numberOf(row, 'attempts'), numberOf(row, 'claims')];
  return { event: eventOf(row), attempt, claim, handled: readHandled(row) };
}

/** Reads a row of an event that is dead. */
export function toDeadLetter(row: Row): DeadLetter {
  return {
    event: eventOf(row),
    attempts: numberOf(row, 'attempts'),
    handled: readHandled(row),
    failure: readFailure(row),
    diedAt: new Date(numberOf(row, 'died_at')),
  };
}

/** Reads a row of an event as a line of its order's history. */
export function toEventOwed(row: Row): EventOwed {
  const { id: eventId, type, occurredAt: at } = eventOf(row);
  return {
    kind: 'event',
    at,
    eventId,
    type,
    delivery: readDelivery(row),
    attempts: numberOf(row, 'attempts'),
    handled: readHandled(row),
    ...(row.failure === null ? {} : { failure: readFailure(row) }),
  };
}

/** Reads the event itself. */
export function eventOf(row: Row): AtmEvent {
  return readEvent(textOf(row, 'document'));
}

/** Reads the names of the handlers that have done their part. */
export function readHandled(row: Row): readonly string[] {
  const handled: unknown = JSON.parse(textOf(row, 'handled'));
  if (isTexts(handled)) return handled;
  throw new TypeError('The column handled of the ledger does not hold a list of names.');
}

function readFailure(row: Row): DeliveryFailure {
  const failure: unknown = JSON.parse(textOf(row, 'failure'));
  if (isFailure(failure)) return failure;
  throw new TypeError('The column failure of the ledger does not hold a failure.');
}

function readDelivery(row: Row): EventOwed['delivery'] {
  const { delivery } = row;
  if (delivery === 'owed' || delivery === 'delivered' || delivery === 'dead') return delivery;
  throw new TypeError('The column delivery of the ledger holds none of its words.');
}

function isFailure(value: unknown): value is DeliveryFailure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string' &&
    'handlers' in value &&
    isTexts(value.handlers)
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
