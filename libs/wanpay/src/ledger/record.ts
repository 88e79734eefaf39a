import type { Payment } from './payment.js';
import type { RecordedOutcome, UnknownOrder } from './store.js';
import type { EventDetails } from './stored-event.js';

/** The fields that hold a moment; in JSON it is text. */
const MOMENTS = new Set([
  'occurredAt',
  'createdAt',
  'updatedAt',
  'paidAt',
  'expiresAt',
  'transactedAt',
  'firstSeenAt',
  'acceptedAt',
  'reviewedAt',
  'replyAwaitedUntil',
  'expeditedAt',
]);

/** Writes what a store keeps as a document. */
export function writeDocument(document: Payment | UnknownOrder | EventDetails | RecordedOutcome): string {
  return JSON.stringify(document);
}

/** Reads a payment that {@link writeDocument} wrote. */
export function readPayment(text: string): Payment {
  return read(text, isPayment);
}

/** Reads an unknown order that {@link writeDocument} wrote. */
export function readUnknownOrder(text: string): UnknownOrder {
  return read(text, isUnknownOrder);
}

/** Reads the details of an event that {@link writeDocument} wrote. */
export function readEventDetails(text: string): EventDetails {
  return read(text, isRecord);
}

/** Reads an outcome that {@link writeDocument} wrote. */
export function readOutcome(text: string): RecordedOutcome {
  return read(text, isOutcome);
}

function read<T>(text: string, is: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  revive(value);
  if (is(value)) return value;
  throw new TypeError('A row of the ledger does not hold what its table is for.');
}

/** In place, and not by JSON.parse's reviver, which takes two and a half times as long. */
function revive(value: unknown): void {
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'object') revive(inner);
    else if (typeof inner === 'string' && MOMENTS.has(name)) value[name] = new Date(inner);
  }
}

function isPayment(value: unknown): value is Payment {
  return isRecord(value) && 'orderNo' in value && 'state' in value;
}

function isUnknownOrder(value: unknown): value is UnknownOrder {
  return isRecord(value) && 'transfers' in value && 'firstSeenAt' in value;
}

function isOutcome(value: unknown): value is RecordedOutcome {
  return isRecord(value) && 'status' in value && 'code' in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
