import type { PaymentKey, PaymentState } from '../../payment.js';
import { readUnknownOrder, writeDocument } from '../../record.js';
import type * as store from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { withoutLists } from '../conditions.js';
import { removals } from '../removals.js';
import { CONTENT_COLUMNS, contentOf, keyOf, nextDue, toChecks, toRecord, UNKNOWN } from '../rows.js';
import { EVENT_COLUMNS, eventRow, OUTCOME_COLUMNS, outcomeRow } from '../written-rows.js';
import { type Bindable, type Connection, NEVER } from './connection.js';
import { recordDelivery } from './deliveries.js';
import { paymentOf, whereMerchant } from './payments.js';
import { handlersOf } from './subscriptions.js';

const OF_ORDER = 'merchant_no = ? AND order_no = ?';
/** That an order is as a change expects it to be; 0 is no version of one that is there. */
const EXPECTED = `${OF_ORDER}
  AND version = coalesce(nullif(?, 0), version) AND next_check_at IS coalesce(?, next_check_at)`;
const INSERT = `INSERT INTO wanpay_orders (${CONTENT_COLUMNS.join(', ')},
    version, event_count, next_check_at, check_failures, merchant_no, order_no)
  VALUES (${CONTENT_COLUMNS.map(() => '?').join(', ')}, ?, ?, ?, ?, ?, ?) ON CONFLICT (merchant_no, order_no) DO NOTHING`;
const SET_CONTENT = CONTENT_COLUMNS.map((column) => `${column} = coalesce(?, ${column})`).join(', ');
const UPDATE = `UPDATE wanpay_orders SET ${SET_CONTENT}, version = version + 1, event_count = event_count + ?`;
const SEE = `INSERT INTO wanpay_outcomes (${OUTCOME_COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (merchant_no, order_no, digest)
  DO UPDATE SET count = count + excluded.count, last_seen_at = max(last_seen_at, excluded.last_seen_at)`;
const RECORD = `INSERT INTO wanpay_events (${EVENT_COLUMNS}, is_kept)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** {@link LedgerStore.load}, of one order. */
export function loadOrder(db: Connection, { merchantNo, orderNo }: PaymentKey): store.OrderRecord | undefined {
  const row = db.first(`SELECT * FROM wanpay_orders WHERE ${OF_ORDER}`, merchantNo, orderNo);
  return row && toRecord(row, paymentOf(row), ({ document }) => readUnknownOrder(String(document)));
}

/** Makes one change of {@link LedgerStore.commit}; tells whether it was applied. */
export function changeOrder(db: Connection, change: store.OrderChange): boolean {
  if (change.remove) return removeExpected(db, change);
  if (!write(db, change)) return false;
  for (const outcome of change.outcomes ?? []) db.run(SEE, ...outcomeRow(change, outcome));
  for (const event of change.events ?? []) recordEvent(db, change, event);
  return true;
}

/**
 * {@link LedgerStore.purge}. No order is updated before it is created, so those created before the moment are looked through,
 * along an index that is there anyway.
 */
export function purgeOrders(db: Connection, states: readonly PaymentState[], before: Date, limit: number): number {
  const rows = db.all(
    `SELECT merchant_no, order_no FROM wanpay_orders AS o INDEXED BY wanpay_orders_listed
     WHERE state IN (SELECT value FROM json_each(?)) AND created_at < ? AND updated_at < ? AND NOT EXISTS (
       SELECT 1 FROM wanpay_deliveries AS d
       WHERE d.merchant_no = o.merchant_no AND d.order_no = o.order_no AND d.state <> 'delivered')
     LIMIT ?`,
    ...[JSON.stringify([...states, UNKNOWN]), before, before, limit],
  );
  for (const row of rows) remove(db, keyOf(row));
  return rows.length;
}

/** {@link LedgerStore.claimChecks} */
export function claimChecks(db: Connection, claim: store.CheckClaim): store.ClaimedChecks {
  const [ofMerchant, merchant] = whereMerchant(claim.merchantNo);
  const rows = db.all(
    `SELECT rowid AS id, state, document, check_failures FROM wanpay_orders
     WHERE ${ofMerchant} next_check_at <= ? ORDER BY next_check_at LIMIT ?`,
    ...[...merchant, claim.now, claim.limit],
  );
  for (const { id } of rows) db.run('UPDATE wanpay_orders SET next_check_at = ? WHERE rowid = ?', claim.leaseUntil, id);
  const soonest = `SELECT min(next_check_at) AS at FROM wanpay_orders WHERE ${ofMerchant} next_check_at IS NOT NULL`;
  return { checks: toChecks(rows, paymentOf), ...nextDue(db.first(soonest, ...merchant)?.at) };
}

function write(db: Connection, change: store.OrderChange): boolean {
  const { expectedVersion, check, events = [] } = change;
  if (expectedVersion === 0) return insert(db, change);
  const expected = expectedOf(change);
  const [plan, ...planned] = planOf(check);
  if (expectedVersion !== undefined) {
    const values = [...contentOf(change, writeDocument), events.length, ...planned];
    return db.run(`${UPDATE}, ${plan} WHERE ${EXPECTED}`, ...values, ...expected) > 0;
  }
  if (!check) return isExpected(db, change);
  return db.run(`UPDATE wanpay_orders SET ${plan} WHERE ${EXPECTED}`, ...planned, ...expected) > 0;
}

function insert(db: Connection, change: store.OrderChange): boolean {
  const { merchantNo, orderNo, firstVersion = 1, expectedCheckAt, check, events = [] } = change;
  const plan = check && check !== 'remove' ? ('set' in check ? check.set : { at: check.by, failures: 0 }) : undefined;
  const values = [firstVersion, events.length, plan?.at, plan?.failures ?? 0, merchantNo, orderNo];
  return !expectedCheckAt && db.run(INSERT, ...contentOf(change, writeDocument), ...values) > 0;
}

/** What becomes of the order's check, as a part of a statement with its values. */
function planOf(check: store.CheckChange | undefined): readonly [sql: string, ...values: Bindable[]] {
  if (!check) return ['check_failures = check_failures'];
  if (check === 'remove') return ['next_check_at = NULL, check_failures = 0'];
  if ('by' in check) return [`next_check_at = min(coalesce(next_check_at, ${NEVER}), ?)`, check.by];
  return ['next_check_at = ?, check_failures = ?', check.set.at, check.set.failures];
}

/** An order that was opened and withdrawn in one batch is not there, as was expected. */
function removeExpected(db: Connection, change: store.OrderChange): boolean {
  const isThere = isExpected(db, change);
  if (change.expectedVersion === 0) return !isThere;
  if (isThere) remove(db, change);
  return isThere;
}

function isExpected(db: Connection, change: store.OrderChange): boolean {
  return db.first(`SELECT 1 FROM wanpay_orders WHERE ${EXPECTED}`, ...expectedOf(change)) !== undefined;
}

/** The values of {@link EXPECTED}. */
function expectedOf({ merchantNo, orderNo, expectedVersion, expectedCheckAt }: store.OrderChange): readonly Bindable[] {
  return [merchantNo, orderNo, expectedVersion, expectedCheckAt];
}

/** Adds an event, with a delivery for each subscription to its type; without one, the event is kept. */
function recordEvent(db: Connection, { merchantNo, orderNo }: PaymentKey, event: StoredEvent): void {
  const { seq, type } = event;
  const handlers = handlersOf(db, type);
  db.run(RECORD, ...eventRow({ merchantNo, orderNo }, event), handlers.length === 0);
  for (const handler of handlers) recordDelivery(db, { merchantNo, orderNo, seq, handler }, event);
}

function remove(db: Connection, key: PaymentKey): void {
  for (const { sql, values } of removals([key]).map(withoutLists)) db.run(sql, ...values);
}
