import { pageLimit, readCursor, toPage } from '../cursor.js';
import type { PaymentFilter, PaymentPage } from '../ledger.js';
import type { Connection } from './connection.js';
import type { SqliteValue } from './driver.js';
import { toPayment } from './payments-table.js';

const NEWEST_FIRST = 'ORDER BY created_at DESC, merchant_no DESC, order_no DESC LIMIT ?';

interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/**
 * Reads a page of payments along an index, whatever the filter, so that it costs what it returns: without a merchant,
 * each state is read along the index by state, and the newest of them all are the page.
 *
 * @throws InvalidFieldError, InvalidCursorError
 */
export function listPayments(connection: Connection, filter: PaymentFilter): PaymentPage {
  const limit = pageLimit(filter);
  const { merchantNo, states } = filter;
  const common = conditionsOf(filter);
  if (states?.length === 0) return toPage([], limit);

  const branches =
    states && merchantNo === undefined
      ? [...new Set(states)].map((state) => [state])
      : [states && [...new Set(states)]];
  const selects = branches.map((branch) => select([...common, ...(branch ? [stateIn(branch)] : [])], limit + 1));
  const [only] = selects;
  const query =
    only && selects.length === 1
      ? only
      : {
          sql: `${selects.map(({ sql }) => `SELECT * FROM (${sql})`).join(' UNION ALL ')} ${NEWEST_FIRST}`,
          values: [...selects.flatMap(({ values }) => values), limit + 1],
        };
  return toPage(connection.all(query.sql, ...query.values).map(toPayment), limit);
}

function select(conditions: readonly Condition[], limit: number): Condition {
  const where = conditions.map(({ sql }) => sql).join(' AND ');
  return {
    sql: `SELECT created_at, merchant_no, order_no, document FROM wanpay_payments ${where && `WHERE ${where}`} ${NEWEST_FIRST}`,
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
}

function conditionsOf({ merchantNo, createdFrom, createdBefore, after }: PaymentFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (merchantNo !== undefined) conditions.push({ sql: 'merchant_no = ?', values: [merchantNo] });
  if (createdFrom) conditions.push({ sql: 'created_at >= ?', values: [createdFrom.getTime()] });
  if (createdBefore) conditions.push({ sql: 'created_at < ?', values: [createdBefore.getTime()] });
  if (after !== undefined) {
    const position = readCursor(after);
    const time = position.createdAt.getTime();
    // The first of the two says no more than the second, but every index can follow it.
    conditions.push({
      sql: 'created_at <= ? AND (created_at, merchant_no, order_no) < (?, ?, ?)',
      values: [time, time, position.merchantNo, position.orderNo],
    });
  }
  return conditions;
}

function stateIn(states: readonly string[]): Condition {
  const [only] = states;
  if (only !== undefined && states.length === 1) return { sql: 'state = ?', values: [only] };
  // The sign keeps the index by state out of it, along which several states are not in order.
  return { sql: `+state IN (${states.map(() => '?').join(', ')})`, values: states };
}
