import { ATM_EVENT_TYPES, type AtmEvent } from './events.js';
import type { Payment } from './payment.js';
import type { Outcome } from '../protocol/index.js';

/** The fields of payments, events and outcomes that hold a moment; in JSON it is text. */
const MOMENTS = new Set(['occurredAt', 'createdAt', 'updatedAt', 'paidAt', 'expiresAt', 'transactedAt']);

/** Writes what a ledger keeps as a document. */
export function writeRecord(record: AtmEvent | Payment | Outcome): string {
  return JSON.stringify(record);
}

/** Reads an event that {@link writeRecord} wrote. */
export function readEvent(text: string): AtmEvent {
  return read(text, isEvent);
}

/** Reads a payment that {@link writeRecord} wrote. */
export function readPayment(text: string): Payment {
  return read(text, isPayment);
}

/** Reads an outcome that {@link writeRecord} wrote. */
export function readOutcome(text: string): Outcome {
  return read(text, isOutcome);
}

function read<T>(text: string, is: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  revive(value);
  if (is(value)) return value;
  throw new TypeError('A row of the ledger does not hold what its table is for.');
}

/** In place, and not as JSON.parse would have it done: that takes two and a half times as long. */
function revive(value: unknown): void {
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'object') revive(inner);
    else if (typeof inner === 'string' && MOMENTS.has(name)) value[name] = new Date(inner);
  }
}

function isEvent(value: unknown): value is AtmEvent {
  return isRecord(value) && 'id' in value && ATM_EVENT_TYPES.some((type) => type === value.type);
}

function isPayment(value: unknown): value is Payment {
  return isRecord(value) && 'orderNo' in value && 'state' in value;
}

function isOutcome(value: unknown): value is Outcome {
  return isRecord(value) && 'status' in value && 'code' in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
