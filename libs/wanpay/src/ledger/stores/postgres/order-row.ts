import type { Payment } from '../../payment.js';
import { readPayment, readUnknownOrder } from '../../record.js';
import type { OrderChange, OrderRecord } from '../../store.js';
import { toDate, UNKNOWN } from '../rows.js';
import type { Row } from './database.js';
import type { Value } from './row-set.js';

/** Selects an order of the alias `o`. */
export const ORDER = 'o.*, o.state AS payment_state';
/** What the document does not repeat, since columns hold it. */
const IN_COLUMNS = Object.fromEntries(
  ['merchantNo', 'orderNo', 'state', 'createdAt', 'firstSeenAt', 'updatedAt'].map((name) => [name, undefined]),
);

/** The columns that are written of the payment or the unknown order. */
export const CONTENT =
  'state text, settled_by text, is_mismatched boolean, created_at bigint, updated_at bigint, document json';

/** Their values; none where the change has neither. */
export function contentOf({ payment, unknown, outcomes = [] }: OrderChange): readonly Value[] {
  const content = payment ?? unknown;
  if (!content) return Array.from(CONTENT.split(','), () => undefined);
  // The outcome that changed the payment's state last.
  const settling = outcomes.findLast(({ change }) => change && change.from !== change.to);
  const createdAt = payment ? payment.createdAt : unknown?.firstSeenAt;
  const document = JSON.stringify(Object.assign({}, content, IN_COLUMNS));
  const isMismatched = payment?.mismatchedAmounts !== undefined;
  return [payment?.state ?? UNKNOWN, settling?.source, isMismatched, createdAt, content.updatedAt, document];
}

/** Reads the payment of an order, which may have none. */
export function toPayment(row: Row): Payment | undefined {
  const { merchant_no: merchantNo, order_no: orderNo, payment_state: state } = row;
  if (state === UNKNOWN) return undefined;
  return readPayment(join({ merchantNo, orderNo, state, createdAt: toDate(row.created_at) }, row));
}

/** Reads an order. */
export function toRecord(row: Row): OrderRecord {
  const payment = toPayment(row);
  return {
    merchantNo: String(row.merchant_no),
    orderNo: String(row.order_no),
    version: Number(row.version),
    eventCount: Number(row.event_count),
    ...(payment ? { payment } : { unknown: readUnknownOrder(join({ firstSeenAt: toDate(row.created_at) }, row)) }),
  };
}

/** The document with what is in columns. It is never empty: every payment has an amount, every unknown order its facts. */
function join(columns: object, { updated_at, document }: Row): string {
  const head = JSON.stringify({ ...columns, updatedAt: toDate(updated_at) });
  return `${head.slice(0, -1)},${document?.slice(1) ?? '}'}`;
}
