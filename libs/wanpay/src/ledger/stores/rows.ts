import { ATM_EVENT_TYPES } from '../events.js';
import type { PaymentState } from '../payment.js';
import { readEventDetails, readOutcome } from '../record.js';
import type { OrderHistory, OutcomeSource, PeriodSummary, StoredOutcome, StoredSubscription } from '../store.js';
import type { StoredEvent } from '../stored-event.js';

/** A row of one of the tables that all databases have alike. Moments are milliseconds, as numbers or as text. */
export type Row = Readonly<Record<string, string | number | null | undefined>>;

/** Where a payment can stand. */
export const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];
/** The state of an order that has no payment. */
export const UNKNOWN = 'unknown';
const SOURCES: readonly OutcomeSource[] = ['notification', 'query'];

/** Reads the moment that a column holds. */
export function toDate(milliseconds: Row[string]): Date {
  return new Date(Number(milliseconds));
}

/** Reads an event. */
export function toStoredEvent(row: Row): StoredEvent {
  return {
    id: String(row.id),
    seq: Number(row.seq),
    type: wordOf(ATM_EVENT_TYPES, row.type),
    occurredAt: toDate(row.occurred_at),
    livemode: isTrue(row.livemode),
    details: readEventDetails(String(row.details)),
  };
}

/** Reads an outcome. */
export function toStoredOutcome(row: Row): StoredOutcome {
  const { from_state: from, to_state: to } = row;
  return {
    digest: String(row.digest),
    source: wordOf(SOURCES, row.source),
    outcome: readOutcome(String(row.outcome)),
    ...(from === null ? {} : { change: { from: wordOf(STATES, from), to: wordOf(STATES, to) } }),
    firstSeenAt: toDate(row.first_seen_at),
    lastSeenAt: toDate(row.last_seen_at),
    count: Number(row.count),
  };
}

/** Reads a delivery, without its event and payment. In its table, one that is claimed has a state of its own. */
export function toProgress(row: Row): OrderHistory['deliveries'][number] {
  const { state, failure, finished_at: finishedAt } = row;
  return {
    merchantNo: String(row.merchant_no),
    orderNo: String(row.order_no),
    seq: Number(row.seq),
    handler: String(row.handler),
    position: Number(row.position),
    state: state === 'delivered' || state === 'dead' ? state : 'pending',
    attempts: Number(row.attempts),
    claim: Number(row.claim),
    claimed: state === 'claimed',
    dueAt: toDate(row.due_at),
    ...(failure === null ? {} : { failure: String(failure) }),
    ...(finishedAt === null ? {} : { finishedAt: toDate(finishedAt) }),
  };
}

/** Reads subscriptions. A newer release may have subscribed to a type that this one does not know. */
export function toSubscriptions(rows: readonly Row[]): readonly StoredSubscription[] {
  return rows.flatMap((row) => {
    const type = ATM_EVENT_TYPES.find((known) => known === row.type);
    const times = { subscribedAt: toDate(row.subscribed_at), lastSeenAt: toDate(row.last_seen_at) };
    const counts = { pending: Number(row.pending), dead: Number(row.dead) };
    return type ? [{ handler: String(row.handler), type, ...times, ...counts }] : [];
  });
}

/** Adds up orders that were counted by `state`, `settled_by` and `is_mismatched`. */
export function summarize(rows: readonly Row[]): PeriodSummary {
  const states = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
  const settledBy = { notification: 0, query: 0 };
  let [mismatched, unknownOrders] = [0, 0];
  for (const row of rows) {
    const count = Number(row.count);
    const state = STATES.find((known) => known === row.state);
    if (state) states[state] += count;
    else unknownOrders += count;
    const source = SOURCES.find((known) => known === row.settled_by);
    if (source) settledBy[source] += count;
    if (isTrue(row.is_mismatched)) mismatched += count;
  }
  return { states, settledBy, mismatched, unknownOrders };
}

function isTrue(value: Row[string]): boolean {
  return value === 1 || value === 't';
}

function wordOf<Word extends string>(words: readonly Word[], value: Row[string]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new TypeError(`A column of the ledger holds "${String(value)}", and none of these: ${words.join(', ')}.`);
}
