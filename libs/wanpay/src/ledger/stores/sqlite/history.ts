import type { PaymentKey } from '../../payment.js';
import { writeDocument } from '../../record.js';
import type { StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { toStoredEvent, toStoredOutcome } from '../rows.js';
import type { Connection } from './connection.js';

const SEE = `INSERT INTO wanpay_outcomes
    (merchant_no, order_no, digest, source, from_state, to_state, first_seen_at, last_seen_at, count, outcome)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (merchant_no, order_no, digest)
  DO UPDATE SET count = count + excluded.count, last_seen_at = max(last_seen_at, excluded.last_seen_at)`;
const RECORD = `INSERT INTO wanpay_events (merchant_no, order_no, seq, id, type, occurred_at, livemode, is_kept, details)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What the platform said about orders, and the events that came of it. */
export class History {
  constructor(private readonly connection: Connection) {}

  /** Adds an outcome, or counts it. */
  see({ merchantNo, orderNo }: PaymentKey, { digest, source, outcome, change, ...seen }: StoredOutcome): void {
    this.connection.run(
      SEE,
      ...[merchantNo, orderNo, digest, source, change?.from, change?.to],
      ...[seen.firstSeenAt, seen.lastSeenAt, seen.count, writeDocument(outcome)],
    );
  }

  record({ merchantNo, orderNo }: PaymentKey, event: StoredEvent, isKept: boolean): void {
    const { seq, id, type, occurredAt, livemode, details } = event;
    this.connection.run(
      RECORD,
      ...[merchantNo, orderNo, seq, id, type, occurredAt, livemode, isKept],
      writeDocument(details),
    );
  }

  outcomesOf({ merchantNo, orderNo }: PaymentKey): readonly StoredOutcome[] {
    const sql = 'SELECT * FROM wanpay_outcomes WHERE merchant_no = ? AND order_no = ?';
    const outcomes = this.connection.all(sql, merchantNo, orderNo).map(toStoredOutcome);
    return outcomes.sort((a, b) => a.firstSeenAt.getTime() - b.firstSeenAt.getTime());
  }

  eventsOf({ merchantNo, orderNo }: PaymentKey): readonly StoredEvent[] {
    const sql = 'SELECT * FROM wanpay_events WHERE merchant_no = ? AND order_no = ? ORDER BY seq';
    return this.connection.all(sql, merchantNo, orderNo).map(toStoredEvent);
  }
}
