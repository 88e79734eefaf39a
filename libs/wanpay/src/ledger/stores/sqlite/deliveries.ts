import type { PaymentKey } from '../../payment.js';
import type * as store from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { type Row, toProgress, toStoredEvent } from '../rows.js';
import type { Bindable, Connection } from './connection.js';
import { paymentOf } from './orders.js';
import type { Subscriptions } from './subscriptions.js';

const OF_HANDLER = 'merchant_no = ? AND order_no = ? AND handler = ?';
const OF_SUBSCRIPTION = 'handler = ? AND type = ?';
const WAITING = `state IN ('pending', 'claimed')`;
const INSERT = `INSERT INTO wanpay_deliveries (merchant_no, order_no, handler, seq, type, occurred_at, due_at, is_next)
  VALUES (?, ?, ?, ?, ?, ?, ?,
    NOT EXISTS (SELECT 1 FROM wanpay_deliveries WHERE ${OF_HANDLER} AND ${WAITING}))`;
const MARK_NEXT = `UPDATE wanpay_deliveries SET is_next = 1 - is_next
  WHERE ${OF_HANDLER} AND ${WAITING}
    AND is_next <> (seq = (SELECT min(seq) FROM wanpay_deliveries WHERE ${OF_HANDLER} AND ${WAITING}))`;
const DUE = `SELECT position, due_at FROM wanpay_deliveries
  WHERE ${OF_SUBSCRIPTION} AND is_next = 1 AND due_at <= ? ORDER BY due_at LIMIT ?`;
const NEXT_DUE = `SELECT due_at FROM wanpay_deliveries
  WHERE ${OF_SUBSCRIPTION} AND is_next = 1 ORDER BY due_at LIMIT 1`;
const CLAIM = `UPDATE wanpay_deliveries SET state = 'claimed', attempts = attempts + 1, claim = claim + 1, due_at = ?
  WHERE position = ?`;
const FINISH = `UPDATE wanpay_deliveries SET state = ?, is_next = iif(${WAITING}, is_next AND ?, 0), due_at = ?,
  attempts = coalesce(?, attempts), failure = ?, finished_at = ?`;
const RENEW = `UPDATE wanpay_deliveries SET state = 'claimed', due_at = ?, attempts = coalesce(?, attempts)`;
const READ = `SELECT d.*, e.id, e.livemode, e.details, o.state AS order_state, o.document
  FROM wanpay_deliveries AS d
  JOIN wanpay_events AS e USING (merchant_no, order_no, seq) JOIN wanpay_orders AS o USING (merchant_no, order_no)
  WHERE d.position = ?`;

/** A condition, and its values. */
type Term = readonly [sql: string, ...values: Bindable[]];

/**
 * Events on their way to handlers; what writes is called inside a transaction that the caller holds.
 *
 * Of an order's deliveries to a handler only the first that waits may be handed out. `is_next` marks it, so that looking for
 * work costs what can be worked on, however many wait behind others.
 */
export class Deliveries {
  constructor(
    private readonly connection: Connection,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** Records a new event's deliveries; false when nobody has subscribed to its type. */
  record({ merchantNo, orderNo }: PaymentKey, { seq, type, occurredAt }: StoredEvent): boolean {
    const handlers = this.subscriptions.handlersOf(type);
    for (const handler of handlers) {
      const key = [merchantNo, orderNo, handler];
      this.connection.run(INSERT, ...key, seq, type, occurredAt, occurredAt, ...key);
    }
    return handlers.length > 0;
  }

  claim({ subscriptions, now, leaseUntil, limit }: store.DeliveryClaim): store.ClaimedDeliveries {
    const due = subscriptions
      .flatMap(({ handler, type }) => this.connection.all(DUE, handler, type, now, limit))
      .sort((a, b) => Number(a.due_at) - Number(b.due_at))
      .slice(0, limit);
    const deliveries = due.map((row) => {
      const position = Number(row.position);
      this.connection.run(CLAIM, leaseUntil, position);
      return this.read(position);
    });
    if (limit > 0 && deliveries.length === limit) return { deliveries };
    const next = subscriptions
      .flatMap(({ handler, type }) => this.connection.all(NEXT_DUE, handler, type))
      .map((row) => Number(row.due_at));
    return { deliveries, ...(next.length > 0 ? { nextDueAt: new Date(Math.min(...next)) } : {}) };
  }

  /** Whether a change could be applied. */
  isExpected(change: store.DeliveryChange): boolean {
    const sql = `SELECT 1 FROM wanpay_deliveries ${expectationOf(change)}`;
    return this.connection.first(sql, ...expectedOf(change)) !== undefined;
  }

  /** Tells whether the change was applied. */
  change(change: store.DeliveryChange): boolean {
    const { merchantNo, orderNo, handler, state, dueAt, attempts, finishedAt } = change;
    const [expectation, expected] = [expectationOf(change), expectedOf(change)];
    if (change.renew) return this.connection.run(`${RENEW} ${expectation}`, dueAt, attempts, ...expected) > 0;
    // Drivers read a text as far as its first NUL.
    const failure = change.failure?.replaceAll('\0', '\uFFFD');
    const values = [state, state === 'pending', dueAt, attempts, failure, finishedAt];
    if (this.connection.run(`${FINISH} ${expectation}`, ...values, ...expected) === 0) return false;
    if (state !== 'pending' || change.expectedClaim === undefined) this.markNext(merchantNo, orderNo, handler);
    return true;
  }

  /** Marks what is the next one now that deliveries to events of before were added. */
  markAdded(rows: readonly Row[]): void {
    const keys = rows.map((row) => [String(row.merchant_no), String(row.order_no), String(row.handler)] as const);
    for (const key of new Map(keys.map((each) => [each.join('\n'), each])).values()) this.markNext(...key);
  }

  /** Each subscription's deliveries in a state are read along an index, as many as the page holds. */
  list({ state, handler, type, from, to, limit, before, now }: store.DeliveryQuery): readonly store.StoredDelivery[] {
    const page: readonly Term[] = [
      ...(before === undefined ? [] : [['position < ?', before] as const]),
      ...(from ? [['occurred_at >= ?', from] as const] : []),
      ...(to ? [['occurred_at < ?', to] as const] : []),
    ];
    const select = (...which: readonly Term[]): readonly number[] => {
      const terms = [...which, ...page];
      const sql = `SELECT position FROM wanpay_deliveries WHERE ${terms.map(([term]) => term).join(' AND ')}
        ORDER BY position DESC LIMIT ?`;
      return this.connection
        .all(sql, ...terms.flatMap(([, ...values]) => values), limit)
        .map((row) => Number(row.position));
    };
    const isAll = state === undefined && handler === undefined && type === undefined;
    const positions = isAll
      ? select(['true'])
      : this.subscriptions
          .matching(handler, type)
          .flatMap((of) =>
            statesOf(state, now).flatMap((term) => select([OF_SUBSCRIPTION, of.handler, of.type], term)),
          );
    const newest = positions.toSorted((a, b) => b - a).slice(0, limit);
    return newest.map((position) => this.read(position));
  }

  ofOrder({ merchantNo, orderNo }: PaymentKey): store.OrderHistory['deliveries'] {
    const sql = 'SELECT * FROM wanpay_deliveries WHERE merchant_no = ? AND order_no = ?';
    const deliveries = this.connection.all(sql, merchantNo, orderNo).map(toProgress);
    return deliveries.sort((a, b) => a.seq - b.seq || a.position - b.position);
  }

  /** Marks the first of an order's deliveries to a handler that wait, and no other. */
  private markNext(...key: readonly [merchantNo: string, orderNo: string, handler: string]): void {
    this.connection.run(MARK_NEXT, ...key, ...key);
  }

  private read(position: number): store.StoredDelivery {
    const row = this.connection.first(READ, position);
    if (!row) throw new TypeError(`The delivery ${position} of the ledger has no event or no order.`);
    const payment = paymentOf({ ...row, state: row.order_state ?? null });
    return { ...toProgress(row), event: toStoredEvent(row), ...(payment ? { payment } : {}) };
  }
}

/** The rows that are meant by a state; one whose claim has lapsed is pending. */
function statesOf(state: store.DeliveryState | undefined, now: Date): readonly Term[] {
  const terms: readonly (readonly [store.DeliveryState, Term])[] = [
    ['pending', [`state = 'pending'`]],
    ['pending', [`state = 'claimed' AND due_at <= ?`, now]],
    ['running', [`state = 'claimed' AND due_at > ?`, now]],
    ['delivered', [`state = 'delivered'`]],
    ['dead', [`state = 'dead'`]],
  ];
  return terms.filter(([of]) => state === undefined || of === state).map(([, term]) => term);
}

function expectationOf({ expectedClaim }: store.DeliveryChange): string {
  const proof = expectedClaim === undefined ? `state <> 'claimed'` : `${WAITING} AND claim = ?`;
  return `WHERE ${OF_HANDLER} AND seq = ? AND ${proof}`;
}

function expectedOf(change: store.DeliveryChange): readonly Bindable[] {
  const { merchantNo, orderNo, handler, seq, expectedClaim } = change;
  return [merchantNo, orderNo, handler, seq, ...(expectedClaim === undefined ? [] : [expectedClaim])];
}
