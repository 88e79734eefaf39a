import type { PaymentKey } from '../payment.js';

/** What a statement can be given. */
export type Value = string | number | boolean | Date | null | undefined | readonly Value[];

/** A condition, or a statement, with its values, each in the place of a question mark. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
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

/** That at least one of some conditions holds. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const sql = `(${conditions.map((each) => each.sql).join(' OR ')})`;
  return { sql, values: conditions.flatMap(({ values }) => values) };
}

/** That all of those hold that are given: what follows another condition. */
export function allOf(conditions: readonly (Condition | false | undefined)[]): Condition {
  const given = conditions.filter((each) => each !== undefined && each !== false);
  return { sql: given.map(({ sql }) => ` AND ${sql}`).join(''), values: given.flatMap(({ values }) => values) };
}

/** The first rows in an order of several statements, each of which reads along an index for as long as it needs to. */
export function unionOf(selects: readonly Condition[], order: string, limit: number): [string, readonly Value[]] {
  const sql = `${selects.map((each) => `(${each.sql})`).join(' UNION ALL ')} ${order}`;
  return [sql, [...selects.flatMap(({ values }) => values), limit]];
}
