import { ATM_EVENT_TYPES } from '../events.js';
import { nameOf } from '../order-key.js';
import type { Payment, PaymentKey, PaymentState } from '../payment.js';
import { readEventDetails, readOutcome } from '../record.js';
import { needsReview, payerNoOf } from '../review.js';
import type * as store from '../store.js';
import type { StoredEvent } from '../stored-event.js';

/** A row of one of the tables that all databases have alike. Moments are milliseconds, as numbers or as text. */
export type Row = Readonly<Record<string, string | number | null | undefined>>;

/** Where a payment can stand. */
export const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];
/** The state of an order that has no payment. */
export const UNKNOWN = 'unknown';
/** The states of a delivery that waits or runs. In its table, one that is claimed has a state of its own. */
export const OPEN: readonly string[] = ['pending', 'claimed'];
/** A column that people search by. */
type Term = 'account_no' | 'payer_no' | 'amount';
const SOURCES: readonly store.OutcomeSource[] = ['notification', 'query', 'person'];

/** The states of the orders that a query asks for. */
export function statesOf(query: store.PaymentQuery | store.UnknownOrderQuery): readonly string[] {
  return 'hasPayment' in query ? [UNKNOWN] : (query.states ?? STATES);
}

/** The states that a delivery of a state that can be asked for may have in its table; without one, all. */
export function storedStatesOf(state?: store.DeliveryState): readonly string[] {
  if (state === 'pending') return OPEN;
  if (state === 'running') return ['claimed'];
  return state ? [state] : [...OPEN, 'delivered', 'dead'];
}

/** The columns of an order that are written from its payment or, where it has none, from what is known of it. */
export const CONTENT_COLUMNS = [
  ...(['state', 'settled_by', 'needs_review', 'created_at', 'updated_at', 'amount', 'account_no', 'payer_no'] as const),
  'document',
] as const;

/** The values of {@link CONTENT_COLUMNS}; none where a change has neither. */
export function contentOf(
  { payment, unknown, outcomes = [] }: store.OrderChange,
  write: (document: Payment | store.UnknownOrder) => string,
): readonly (string | number | boolean | Date | undefined)[] {
  const content = payment ?? unknown;
  if (!content) return CONTENT_COLUMNS.map(() => undefined);
  // The outcome that changed the payment's state last.
  const settling = outcomes.findLast(({ change }) => change && change.from !== change.to);
  const createdAt = payment ? payment.createdAt : unknown?.firstSeenAt;
  const head = [payment?.state ?? UNKNOWN, settling?.source, needsReview(content), createdAt, content.updatedAt];
  return [...head, payment?.amount, payment?.account?.number, payerNoOf(content), write(content)];
}

/** The conditions of a query by what has an index of its own, as columns with their values. */
export function termsOf(query: store.PaymentQuery): readonly (readonly [Term, string | number])[] {
  const { accountNo, payerNo, amount } = query;
  return [
    ...(accountNo === undefined ? [] : [['account_no', accountNo] as const]),
    ...(payerNo === undefined ? [] : [['payer_no', payerNo] as const]),
    ...(amount === undefined ? [] : [['amount', amount] as const]),
  ];
}

/** Reads a record that is kept beside the payments. */
export function toKept({ kind, id, at, document }: Row): store.KeptRecord {
  return { kind: String(kind), id: String(id), at: toDate(at), document: String(document) };
}

/** Rows by {@link nameOf} their orders. */
export function byOrder(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [nameOf(keyOf(row)), row]));
}

/** Reads the key of an order that a row is of. */
export function keyOf({ merchant_no, order_no }: Row): PaymentKey {
  return { merchantNo: String(merchant_no), orderNo: String(order_no) };
}

/** Whether what a driver gave is a row. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** When a moment is, as a column holds it. */
export function toMilliseconds(moment: Date): number {
  const milliseconds = moment.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError('A date that is to be stored is not a valid one.');
  return milliseconds;
}

/** Reads the moment that a column holds. */
export function toDate(milliseconds: Row[string]): Date {
  return new Date(Number(milliseconds));
}

/** Reads an order with its payment or, where it has none, what is known of it. */
export function toRecord(
  row: Row,
  payment: Payment | undefined,
  toUnknown: (row: Row) => store.UnknownOrder,
): store.OrderRecord {
  return {
    ...keyOf(row),
    version: Number(row.version),
    eventCount: Number(row.event_count),
    ...(payment ? { payment } : { unknown: toUnknown(row) }),
  };
}

/** Reads a delivery with its event, of an order that may have a payment. */
export function toDelivery(row: Row, payment: Payment | undefined): store.StoredDelivery {
  return { ...toProgress(row), event: toStoredEvent(row), ...(payment ? { payment } : {}) };
}

/** Reads everything that is stored about an order, whose rows may come in any order. */
export function toHistory(
  payment: Payment | undefined,
  outcomes: readonly Row[],
  events: readonly Row[],
  deliveries: readonly Row[],
): store.OrderHistory {
  return {
    ...(payment ? { payment } : {}),
    outcomes: outcomes.map(toStoredOutcome).sort((a, b) => a.firstSeenAt.getTime() - b.firstSeenAt.getTime()),
    events: events.map(toStoredEvent).sort((a, b) => a.seq - b.seq),
    deliveries: deliveries.map(toProgress).sort((a, b) => a.seq - b.seq || a.position - b.position),
  };
}

/** Tells when the next claim falls due, if there is one. */
export function nextDue(milliseconds: Row[string]): { readonly nextDueAt?: Date } {
  return milliseconds === null || milliseconds === undefined ? {} : { nextDueAt: toDate(milliseconds) };
}

/** Reads claimed checks. An order without a payment has none. */
export function toChecks<R extends Row>(
  rows: readonly R[],
  toPayment: (row: R) => Payment | undefined,
): store.ClaimedChecks['checks'] {
  return rows.flatMap((row) => {
    const payment = toPayment(row);
    return payment ? [{ payment, failures: Number(row.check_failures) }] : [];
  });
}

/** Reads subscriptions. A newer release may have subscribed to a type that this one does not know. */
export function toSubscriptions(rows: readonly Row[]): readonly store.StoredSubscription[] {
  return rows.flatMap((row) => {
    const type = ATM_EVENT_TYPES.find((known) => known === row.type);
    const times = { subscribedAt: toDate(row.subscribed_at), lastSeenAt: toDate(row.last_seen_at) };
    const counts = { pending: Number(row.pending), dead: Number(row.dead) };
    return type ? [{ handler: String(row.handler), type, ...times, ...counts }] : [];
  });
}

/** Adds up orders that were counted by `state`, `settled_by` and `needs_review`. */
export function summarize(rows: readonly Row[]): store.PeriodSummary {
  const states = { opening: 0, pending: 0, paid: 0, failed: 0, closed: 0, expired: 0 };
  const settledBy = { notification: 0, query: 0, person: 0 };
  let [forReview, unknownOrders] = [0, 0];
  for (const row of rows) {
    const count = Number(row.count);
    const state = STATES.find((known) => known === row.state);
    if (state) states[state] += count;
    else unknownOrders += count;
    const source = SOURCES.find((known) => known === row.settled_by);
    if (source) settledBy[source] += count;
    if (state && isTrue(row.needs_review)) forReview += count;
  }
  return { states, settledBy, needsReview: forReview, unknownOrders };
}

function toStoredEvent(row: Row): StoredEvent {
  return {
    id: String(row.id),
    seq: Number(row.seq),
    type: wordOf(ATM_EVENT_TYPES, row.type),
    occurredAt: toDate(row.occurred_at),
    livemode: isTrue(row.livemode),
    details: readEventDetails(String(row.details)),
  };
}

function toStoredOutcome(row: Row): store.StoredOutcome {
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

/** Reads a delivery, without its event and payment. */
function toProgress(row: Row): store.OrderHistory['deliveries'][number] {
  const { state, failure, finished_at: finishedAt } = row;
  return {
    ...keyOf(row),
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

function isTrue(value: Row[string]): boolean {
  return value === 1 || value === 't';
}

function wordOf<Word extends string>(words: readonly Word[], value: Row[string]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new TypeError(`A column of the ledger holds "${String(value)}", and none of these: ${words.join(', ')}.`);
}
