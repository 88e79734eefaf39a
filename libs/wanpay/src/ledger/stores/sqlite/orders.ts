import type { Payment, PaymentKey, PaymentState } from '../../payment.js';
import { readPayment, readUnknownOrder, writeDocument } from '../../record.js';
import type * as store from '../../store.js';
import { type Row, toDate, UNKNOWN } from '../rows.js';
import type { Bindable, Connection } from './connection.js';
import type { Deliveries } from './deliveries.js';
import type { History } from './history.js';

const OF_ORDER = 'merchant_no = ? AND order_no = ?';
const CONTENT = ['state', 'created_at', 'updated_at', 'is_mismatched', 'document'] as const;
const INSERT = `INSERT INTO wanpay_orders (merchant_no, order_no, event_count, settled_by, next_check_at, check_failures,
    version, ${CONTENT.join(', ')})
  VALUES (?, ?, ?, ?, ?, ?, ?, ${CONTENT.map(() => '?').join(', ')}) ON CONFLICT (merchant_no, order_no) DO NOTHING`;
const SET_CONTENT = CONTENT.map((column) => `${column} = ?`).join(', ');

/** The orders and their checks; what writes is called inside a transaction that the caller holds. */
export class Orders {
  constructor(
    private readonly connection: Connection,
    private readonly history: History,
    private readonly deliveries: Deliveries,
  ) {}

  load({ merchantNo, orderNo }: PaymentKey): store.OrderRecord | undefined {
    const row = this.connection.first(`SELECT * FROM wanpay_orders WHERE ${OF_ORDER}`, merchantNo, orderNo);
    if (!row) return undefined;
    const head = { merchantNo, orderNo, version: Number(row.version), eventCount: Number(row.event_count) };
    const payment = paymentOf(row);
    return payment ? { ...head, payment } : { ...head, unknown: readUnknownOrder(String(row.document)) };
  }

  /** Tells whether the change was applied. */
  change(change: store.OrderChange): boolean {
    if (change.remove) return this.removeIf(change);
    if (!this.write(change)) return false;
    for (const outcome of change.outcomes ?? []) this.history.see(change, outcome);
    for (const event of change.events ?? []) {
      this.history.record(change, event, !this.deliveries.record(change, event));
    }
    return true;
  }

  /**
   * No order is updated before it is created, so those created before the moment are looked through, along an index that is
   * there anyway.
   */
  purge(states: readonly PaymentState[], before: Date, limit: number): number {
    const rows = this.connection.all(
      `SELECT merchant_no, order_no FROM wanpay_orders AS o INDEXED BY wanpay_orders_listed
       WHERE state IN (SELECT value FROM json_each(?)) AND created_at < ? AND updated_at < ? AND NOT EXISTS (
         SELECT 1 FROM wanpay_deliveries AS d
         WHERE d.merchant_no = o.merchant_no AND d.order_no = o.order_no AND d.state <> 'delivered')
       LIMIT ?`,
      ...[JSON.stringify([...states, UNKNOWN]), before, before, limit],
    );
    for (const row of rows) this.remove({ merchantNo: String(row.merchant_no), orderNo: String(row.order_no) });
    return rows.length;
  }

  claimChecks({ now, leaseUntil, limit, merchantNo }: store.CheckClaim): store.ClaimedChecks {
    const [ofMerchant, merchant] = merchantNo === undefined ? ['', []] : ['merchant_no = ? AND', [merchantNo]];
    const rows = this.connection.all(
      `SELECT rowid AS id, state, document, check_failures FROM wanpay_orders
       WHERE ${ofMerchant} next_check_at <= ? ORDER BY next_check_at LIMIT ?`,
      ...[...merchant, now, limit],
    );
    for (const { id } of rows) {
      this.connection.run('UPDATE wanpay_orders SET next_check_at = ? WHERE rowid = ?', leaseUntil, id);
    }
    const checks = rows.flatMap((row) => {
      const payment = paymentOf(row);
      return payment ? [{ payment, failures: Number(row.check_failures) }] : [];
    });
    const next = this.connection.first(
      `SELECT next_check_at AS at FROM wanpay_orders WHERE ${ofMerchant} next_check_at IS NOT NULL
       ORDER BY next_check_at LIMIT 1`,
      ...merchant,
    );
    return { checks, ...(next ? { nextDueAt: toDate(next.at) } : {}) };
  }

  private write(change: store.OrderChange): boolean {
    const { expectedVersion, expectedCheckAt, events = [] } = change;
    if (expectedVersion === 0) return !expectedCheckAt && this.insert(change);
    const sets: Term[] = planOf(change.check);
    if (expectedVersion !== undefined) {
      sets.push(['version = version + 1'], ['event_count = event_count + ?', events.length]);
      sets.push(['settled_by = coalesce(?, settled_by)', settledBy(change)]);
      if (change.payment ?? change.unknown) sets.push([SET_CONTENT, ...contentOf(change)]);
    }
    if (sets.length === 0) return this.isExpected(change);
    const sql = `UPDATE wanpay_orders SET ${sets.map(([set]) => set).join(', ')} ${expectationOf(change)}`;
    return this.connection.run(sql, ...sets.flatMap(([, ...values]) => values), ...expectedOf(change)) > 0;
  }

  private insert(change: store.OrderChange): boolean {
    const { merchantNo, orderNo, firstVersion = 1, check, events = [] } = change;
    const next = check && check !== 'remove' ? ('set' in check ? check.set : { at: check.by, failures: 0 }) : undefined;
    const values = [merchantNo, orderNo, events.length, settledBy(change), next?.at, next?.failures ?? 0];
    return this.connection.run(INSERT, ...values, firstVersion, ...contentOf(change)) > 0;
  }

  /** An order that was opened and withdrawn in one batch is not there, as was expected. */
  private removeIf({ expectedVersion, ...change }: store.OrderChange): boolean {
    if (expectedVersion === 0) return !this.isExpected(change);
    const isApplied = this.isExpected({ ...change, ...(expectedVersion === undefined ? {} : { expectedVersion }) });
    if (isApplied) this.remove(change);
    return isApplied;
  }

  private isExpected(change: store.OrderChange): boolean {
    const sql = `SELECT 1 FROM wanpay_orders ${expectationOf(change)}`;
    return this.connection.first(sql, ...expectedOf(change)) !== undefined;
  }

  private remove({ merchantNo, orderNo }: PaymentKey): void {
    for (const table of ['orders', 'outcomes', 'events', 'deliveries']) {
      this.connection.run(`DELETE FROM wanpay_${table} WHERE ${OF_ORDER}`, merchantNo, orderNo);
    }
  }
}

/** The payment of a row that has an order's state and document. */
export function paymentOf({ state, document }: Row): Payment | undefined {
  return state === UNKNOWN ? undefined : readPayment(String(document));
}

/** A part of a statement, and its values. */
type Term = readonly [sql: string, ...values: Bindable[]];

function planOf(check: store.CheckChange | undefined): Term[] {
  if (!check) return [];
  if (check === 'remove') return [['next_check_at = NULL, check_failures = 0']];
  if ('by' in check) return [['next_check_at = min(coalesce(next_check_at, ?), ?)', check.by, check.by]];
  return [['next_check_at = ?, check_failures = ?', check.set.at, check.set.failures]];
}

function expectationOf({ expectedVersion, expectedCheckAt }: store.OrderChange): string {
  const version = expectedVersion === undefined ? '' : 'AND version = ?';
  return `WHERE ${OF_ORDER} ${version} ${expectedCheckAt ? 'AND next_check_at = ?' : ''}`;
}

function expectedOf({ merchantNo, orderNo, expectedVersion, expectedCheckAt }: store.OrderChange): readonly Bindable[] {
  return [merchantNo, orderNo, expectedVersion, expectedCheckAt].filter((value) => value !== undefined);
}

/** The values of {@link CONTENT}. */
function contentOf({ payment, unknown }: store.OrderChange): readonly Bindable[] {
  if (unknown && !payment) return [UNKNOWN, unknown.firstSeenAt, unknown.updatedAt, false, writeDocument(unknown)];
  if (!payment) throw new TypeError('An order needs a payment, or what is known of it.');
  const { state, createdAt, updatedAt, mismatchedAmounts } = payment;
  return [state, createdAt, updatedAt, mismatchedAmounts !== undefined, writeDocument(payment)];
}

function settledBy({ outcomes = [] }: store.OrderChange): store.OutcomeSource | undefined {
  return outcomes.findLast(({ change }) => change && change.from !== change.to)?.source;
}
