import { ATM_EVENT_TYPES } from '../../events.js';
import type { PaymentKey, PaymentState } from '../../payment.js';
import { readEventDetails, readOutcome, writeDocument } from '../../record.js';
import type { OutcomeSource, StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { type Connection, type Row, toDate, wordOf } from './connection.js';

/** How an outcome can be learnt. */
const SOURCES: readonly OutcomeSource[] = ['notification', 'query'];
/** Where a payment can stand. */
export const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];

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

/** Reads the event of a row that has its columns. */
export function toStoredEvent(row: Row): StoredEvent {
  return {
    id: String(row.id),
    seq: Number(row.seq),
    type: wordOf(ATM_EVENT_TYPES, row.type),
    occurredAt: toDate(row.occurred_at),
    livemode: row.livemode === 1,
    details: readEventDetails(String(row.details)),
  };
}

function toStoredOutcome(row: Row): StoredOutcome {
  return {
    digest: String(row.digest),
    source: wordOf(SOURCES, row.source),
    outcome: readOutcome(String(row.outcome)),
    ...(row.from_state === null
      ? {}
      : { change: { from: wordOf(STATES, row.from_state), to: wordOf(STATES, row.to_state) } }),
    firstSeenAt: toDate(row.first_seen_at),
    lastSeenAt: toDate(row.last_seen_at),
    count: Number(row.count),
  };
}
