import type { Payment } from '../payment.js';
import { readPayment, readUnknownOrder } from '../record.js';
import type { ListedOrder, OrderRecord, UnknownOrder } from '../store.js';
import { type Row, toDate, toRecord, UNKNOWN } from './rows.js';

/** Selects an order of the alias `o`. */
export const ORDER = 'o.*, o.state AS payment_state';
/** What the document does not repeat, since columns hold it. */
const IN_COLUMNS = Object.fromEntries(
  ['merchantNo', 'orderNo', 'state', 'createdAt', 'firstSeenAt', 'updatedAt'].map((name) => [name, undefined]),
);

/** Writes the document, without what columns hold. */
export function writeRest(document: Payment | UnknownOrder): string {
  return JSON.stringify(Object.assign({}, document, IN_COLUMNS));
}

/** Reads the payment of an order, which may have none. */
export function toPayment(row: Row): Payment | undefined {
  const { merchant_no: merchantNo, order_no: orderNo, payment_state: state } = row;
  if (state === UNKNOWN) return undefined;
  return readPayment(join({ merchantNo, orderNo, state, createdAt: toDate(row.created_at) }, row));
}

/** Reads an order. */
export function toOrder(row: Row): OrderRecord {
  return toRecord(row, toPayment(row), () => readUnknownOrder(join({ firstSeenAt: toDate(row.created_at) }, row)));
}

/** Reads an order of a page. */
export function toListed(row: Row): readonly ListedOrder[] {
  const { payment, unknown, merchantNo, orderNo } = toOrder(row);
  if (payment) return [payment];
  return unknown ? [{ ...unknown, merchantNo, orderNo }] : [];
}

/** The document with what is in columns. It is never empty: every payment has an amount, every unknown order its facts. */
function join(columns: object, { updated_at, document }: Row): string {
  const head = JSON.stringify({ ...columns, updatedAt: toDate(updated_at) });
  return `${head.slice(0, -1)},${String(document).slice(1)}`;
}
