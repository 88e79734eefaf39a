import type { AtmEvent } from '../events.js';
import type { DeadLetter, DeliveryFailure, EventOwed, OwedEvent } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import { type Connection, numberOf } from './connection.js';
import { eventOf, readHandled, toDeadLetter, toEventOwed, toOwedEvent, writeEvent } from './event-row.js';
import type { Numbered } from './outcomes-table.js';
import type { Written } from './payments-table.js';

/** How an event that was claimed goes on. */
export interface Course {
  readonly delivery: EventOwed['delivery'];
  readonly handled: readonly string[];
  readonly failure?: DeliveryFailure | undefined;
  readonly dueAt?: Date | undefined;
  readonly diedAt?: Date | undefined;
}

const OF_ORDER = 'merchant_no = ? AND order_no = ?';
/** An id is looked for within its order, where its index has it. */
const THIS = `${OF_ORDER} AND id = ?`;
/** Only who claimed it last holds an event: whoever claims it again has the next number. */
const HELD = `${THIS} AND claims = ? AND lease_until IS NOT NULL AND delivery = 'owed'`;
const INSERT = `INSERT INTO wanpay_events (seq, id, merchant_no, order_no, type, document, due_at, is_next)
  VALUES (?, ?, ?, ?, ?, ?, ?, NOT EXISTS (SELECT 1 FROM wanpay_events WHERE ${OF_ORDER} AND delivery = 'owed'))
  ON CONFLICT (merchant_no, order_no, id) DO NOTHING`;
/** When an event can be claimed next, as its index has it word for word. */
const CLAIMABLE_AT = 'coalesce(lease_until, due_at)';

/**
 * The events owed; each call is made inside a transaction that the caller holds.
 *
 * Of an order's events that are owed, only the first may be delivered: `is_next` marks it, so that looking for work costs
 * what can be worked on, however many events wait behind others.
 */
export class EventsTable {
  constructor(private readonly connection: Connection) {}

  /**
   * False when the fact is recorded already.
   *
   * @param written the payment, if it was just written
   */
  insert(seq: number, event: AtmEvent, dueAt: Date, written?: Written): boolean {
    const { id, merchantNo, orderNo, type } = event;
    const inserted = this.connection.run(
      INSERT,
      ...[seq, id, merchantNo, orderNo, type, writeEvent(event, written), dueAt.getTime(), merchantNo, orderNo],
    );
    return inserted > 0;
  }

  claim(now: Date, leaseUntil: Date, limit: number): readonly OwedEvent[] {
    const rows = this.connection.all(
      `UPDATE wanpay_events SET attempts = attempts + 1, claims = claims + 1, lease_until = ?
       WHERE seq IN (
         SELECT seq FROM wanpay_events WHERE is_next = 1 AND ${CLAIMABLE_AT} <= ?
         ORDER BY ${CLAIMABLE_AT} LIMIT ?)
       RETURNING seq, document, attempts, claims, handled`,
      ...[leaseUntil.getTime(), now.getTime(), limit],
    );
    return rows.toSorted((a, b) => numberOf(a, 'seq') - numberOf(b, 'seq')).map(toOwedEvent);
  }

  /** Takes back every claim: of a file that one process has to itself, those left are of a process that is gone. */
  unclaimAll(): void {
    this.connection.run('UPDATE wanpay_events SET lease_until = NULL WHERE lease_until IS NOT NULL');
  }

  /** Takes back a claim, if it is still held. */
  unclaim({ event, claim }: OwedEvent): void {
    this.connection.run(
      `UPDATE wanpay_events SET attempts = attempts - 1, lease_until = NULL WHERE ${HELD}`,
      ...keyOf(event),
      claim,
    );
  }

  /** The handlers that have done their part of a claimed event; undefined when the claim is no longer held. */
  handledOf({ event, claim }: OwedEvent): readonly string[] | undefined {
    const [row] = this.connection.all(`SELECT handled FROM wanpay_events WHERE ${HELD}`, ...keyOf(event), claim);
    return row && readHandled(row);
  }

  setHandled({ event }: OwedEvent, handled: readonly string[]): void {
    this.connection.run(`UPDATE wanpay_events SET handled = ? WHERE ${THIS}`, JSON.stringify(handled), ...keyOf(event));
  }

  /** Gives a claimed event back, and lets the next of its order pass once it is no longer owed. */
  giveBack({ event }: OwedEvent, { delivery, handled, failure, dueAt, diedAt }: Course): void {
    this.connection.run(
      `UPDATE wanpay_events SET delivery = ?, handled = ?, failure = ?, due_at = coalesce(?, due_at), died_at = ?,
         lease_until = NULL
       WHERE ${THIS}`,
      ...[delivery, JSON.stringify(handled), failure ? JSON.stringify(failure) : null],
      ...[dueAt?.getTime() ?? null, diedAt?.getTime() ?? null, ...keyOf(event)],
    );
    if (delivery !== 'owed') this.markNext(event);
  }

  nextDue(): Date | undefined {
    const [row] = this.connection.all(
      `SELECT ${CLAIMABLE_AT} AS at FROM wanpay_events WHERE is_next = 1 ORDER BY ${CLAIMABLE_AT} LIMIT 1`,
    );
    return row && new Date(numberOf(row, 'at'));
  }

  deadLetters(): readonly DeadLetter[] {
    const rows = this.connection.all(
      `SELECT document, attempts, handled, failure, died_at FROM wanpay_events
       WHERE delivery = 'dead' ORDER BY died_at, seq`,
    );
    return rows.map(toDeadLetter);
  }

  /** Owes a dead letter again; false when there is none of that id. */
  revive(id: string, dueAt: Date): boolean {
    const [row] = this.connection.all(
      `UPDATE wanpay_events SET delivery = 'owed', attempts = 0, due_at = ?, failure = NULL, died_at = NULL
       WHERE id = ? AND delivery = 'dead' RETURNING document`,
      ...[dueAt.getTime(), id],
    );
    if (row) this.markNext(eventOf(row));
    return row !== undefined;
  }

  /** In no order. */
  ofOrder({ merchantNo, orderNo }: PaymentKey): readonly Numbered<EventOwed>[] {
    const rows = this.connection.all(
      `SELECT seq, document, delivery, attempts, handled, failure FROM wanpay_events WHERE ${OF_ORDER}`,
      ...[merchantNo, orderNo],
    );
    return rows.map((row) => ({ seq: numberOf(row, 'seq'), entry: toEventOwed(row) }));
  }

  deleteOfOrder({ merchantNo, orderNo }: PaymentKey): void {
    this.connection.run(`DELETE FROM wanpay_events WHERE ${OF_ORDER}`, merchantNo, orderNo);
  }

  /** 0 when there is none. */
  lastSeq(): number {
    const [row] = this.connection.all('SELECT coalesce(max(seq), 0) AS seq FROM wanpay_events');
    return row ? numberOf(row, 'seq') : 0;
  }

  /** Marks the first of an order's events that are owed, and no other. */
  private markNext({ merchantNo, orderNo }: PaymentKey): void {
    this.connection.run(
      `UPDATE wanpay_events SET is_next = (seq IS (
         SELECT min(seq) FROM wanpay_events WHERE ${OF_ORDER} AND delivery = 'owed'))
       WHERE ${OF_ORDER}`,
      ...[merchantNo, orderNo, merchantNo, orderNo],
    );
  }
}

function keyOf({ merchantNo, orderNo, id }: AtmEvent): readonly [string, string, string] {
  return [merchantNo, orderNo, id];
}
