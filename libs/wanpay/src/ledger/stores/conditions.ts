import type { PaymentKey } from '../payment.js';
import type { DeliveryQuery, PaymentQuery } from '../store.js';
import { termsOf, toMilliseconds } from './rows.js';

/** A value of a statement. */
export type Value = Scalar | readonly Value[];
/** A value for one question mark of a statement. */
export type Scalar = string | number | boolean | Date | null | undefined;

/** What a table holds of a {@link Value}. */
export type StoredValue = string | number | boolean | null | undefined | StoredValue[];

/** The end of the name of the index of what is searched by. */
const INDEXES = {
  account_no: 'of_account',
  payer_no: 'of_payer',
  amount: 'of_amount',
  needs_review: 'for_review',
} as const;

/** A condition, or a statement, with its values, each in the place of a question mark. */
export interface Condition<Of extends Value = Value> {
  readonly sql: string;
  readonly values: readonly Of[];
}

/**
 * That a row of the alias is of one of some orders. Not as a list of pairs, for which MariaDB reads the whole table.
 *
 * @param keys at least one
 */
export function isOf(alias: string, keys: readonly PaymentKey[]): Condition {
  const numbers = new Map<string, string[]>();
  for (const { merchantNo, orderNo } of keys) {
    const ofMerchant = numbers.get(merchantNo) ?? [];
    if (ofMerchant.length === 0) numbers.set(merchantNo, ofMerchant);
    ofMerchant.push(orderNo);
  }
  return anyOf(
    [...numbers].map((values) => ({ sql: `${alias}.merchant_no = ? AND ${alias}.order_no IN (?)`, values })),
  );
}

/** That a row of the alias is of one of some events. */
export function isOfEvent(alias: string, events: readonly (PaymentKey & { readonly seq: number })[]): Condition {
  const sql = `${alias}.merchant_no = ? AND ${alias}.order_no = ? AND ${alias}.seq = ?`;
  return anyOf(events.map(({ merchantNo, orderNo, seq }) => ({ sql, values: [merchantNo, orderNo, seq] })));
}

/** That at least one of some conditions holds. */
function anyOf(conditions: readonly Condition[]): Condition {
  const sql = `(${conditions.map((each) => each.sql).join(' OR ')})`;
  return { sql, values: conditions.flatMap(({ values }) => values) };
}

/** What a query says of payments beside their states, of the alias `o`: what follows another condition. */
export function paymentFilter(query: Omit<PaymentQuery, 'limit'>): Condition {
  const { merchantNo, createdFrom, after } = query;
  const until = endOf(query);
  return allOf([
    merchantNo !== undefined && { sql: 'o.merchant_no = ?', values: [merchantNo] },
    createdFrom && { sql: 'o.created_at >= ?', values: [createdFrom] },
    until && { sql: 'o.created_at < ?', values: [until] },
    after && {
      sql: '(o.created_at < ? OR o.merchant_no < ? OR o.merchant_no = ? AND o.order_no < ?)',
      values: [after.createdAt, after.merchantNo, after.merchantNo, after.orderNo],
    },
  ]);
}

/** The only upper bound: SQLite uses no more than one when it reads an index. */
function endOf({ createdBefore, after }: Pick<PaymentQuery, 'createdBefore' | 'after'>): Date | undefined {
  const following = after && new Date(after.createdAt.getTime() + 1);
  return following && createdBefore ? new Date(Math.min(+following, +createdBefore)) : (following ?? createdBefore);
}

/**
 * What a query searches payments by, with the end of the name of the index to read along; nothing where it only lists them.
 *
 * @param isTrue writes the condition that a column is true
 */
export function searchFilter(
  query: PaymentQuery,
  isTrue: (column: string) => string,
): (Condition & { readonly index: string }) | undefined {
  const terms = termsOf(query);
  if (terms.length === 0 && !query.needsReview) return undefined;
  const searched = allOf([
    ...terms.map(([column, value]) => ({ sql: `o.${column} = ?`, values: [value] })),
    query.needsReview && { sql: isTrue('o.needs_review'), values: [] },
  ]);
  return { ...searched, index: INDEXES[terms[0]?.[0] ?? 'needs_review'] };
}

/** What a query says of deliveries, of the alias `d`, with their events as `e`, beside their subscriptions and positions. */
export function deliveryFilter({ state, from, to, now }: DeliveryQuery): Condition {
  return allOf([
    from && { sql: 'e.occurred_at >= ?', values: [from] },
    to && { sql: 'e.occurred_at < ?', values: [to] },
    state === 'running' && { sql: 'd.due_at > ?', values: [now] },
    state === 'pending' && { sql: `(d.state = 'pending' OR d.due_at <= ?)`, values: [now] },
  ]);
}

/** A value with moments as the tables hold them. */
export function stored(value: Scalar): Exclude<Scalar, Date>;
export function stored(value: Value): StoredValue;
export function stored(value: Value): StoredValue {
  if (isList(value)) return value.map(stored);
  return value instanceof Date ? toMilliseconds(value) : value;
}

/** Array.isArray does not know lists that are not to be changed. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** That all of those hold that are given: what follows another condition. */
export function allOf(conditions: readonly (Condition | false | undefined)[]): Condition {
  const given = conditions.filter((each) => each !== undefined && each !== false);
  return { sql: given.map(({ sql }) => ` AND ${sql}`).join(''), values: given.flatMap(({ values }) => values) };
}

/** The first rows in an order of several statements, each of which reads along an index for as long as it needs to. */
export function unionOf(selects: readonly Condition[], order: string, limit: number): Condition {
  const sql = `${selects.map((each) => each.sql).join(' UNION ALL ')} ${order}`;
  return { sql, values: [...selects.flatMap(({ values }) => values), limit] };
}

/** Rewrites a statement for a driver that takes no lists: each item gets a question mark. */
export function withoutLists({ sql, values }: Condition): Condition<Scalar> {
  const scalars = values.map(scalarsOf);
  let place = 0;
  return { sql: sql.replaceAll('?', () => (scalars[place++] ?? []).map(() => '?').join(', ')), values: scalars.flat() };
}

function scalarsOf(value: Value): readonly Scalar[] {
  return isList(value) ? value.flatMap(scalarsOf) : [value];
}
