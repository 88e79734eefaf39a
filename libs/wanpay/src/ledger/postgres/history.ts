import type { TimelineEntry } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import type { Database } from './database.js';
import {
  EVENT_SELECTION,
  type EventRow,
  OUTCOME_SELECTION,
  type OutcomeRow,
  toEventOwed,
  toOutcomeSeen,
} from './event-rows.js';

/** What was said of orders and owed for them, and its end. */
export class History {
  constructor(private readonly db: Database) {}

  /** {@link Ledger.timeline} */
  async timeline({ merchantNo, orderNo }: PaymentKey): Promise<readonly TimelineEntry[]> {
    const key = [merchantNo, orderNo];
    const outcomes = this.db.query<keyof OutcomeRow>(
      `SELECT ${OUTCOME_SELECTION} FROM ${this.db.table('outcomes')} o
      WHERE o.merchant_no = $1 AND o.order_no = $2 ORDER BY o.seq`,
      key,
    );
    const events = this.db.query<keyof EventRow>(
      `SELECT ${EVENT_SELECTION} FROM ${this.db.table('events')} e
      WHERE e.merchant_no = $1 AND e.order_no = $2 ORDER BY e.seq`,
      key,
    );
    const [seen, owed] = await Promise.all([outcomes, events]);
    return [...seen.map(toOutcomeSeen), ...owed.map(toEventOwed)].sort((a, b) => a.at.getTime() - b.at.getTime());
  }

  /**
   * {@link Ledger.purge}
   *
   * The payments are locked first, so that nothing can be owed for them any more, and looked at once more by a statement
   * that sees what was owed until then. Those that someone else is at are left for the next time.
   */
  purge(before: Date, limit: number): Promise<number> {
    return this.db.transaction(async (client) => {
      const candidates = await this.db.queryOn<'merchant_no' | 'order_no'>(client, this.candidates, [
        before.toISOString(),
        limit,
      ]);
      if (candidates.length === 0) return 0;
      const [purged] = await this.db.queryOn<'count'>(client, this.removal, [
        candidates.map(({ merchant_no }) => merchant_no),
        candidates.map(({ order_no }) => order_no),
      ]);
      return Number(purged?.count);
    });
  }

  private get candidates(): string {
    return `SELECT p.merchant_no, p.order_no FROM ${this.db.table('payments')} p
    WHERE p.state IN ('paid', 'failed', 'closed', 'expired') AND p.updated_at < $1::timestamptz AND ${this.isDelivered('p')}
    ORDER BY p.updated_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED`;
  }

  private get removal(): string {
    const ofPurged = 'USING purged WHERE t.merchant_no = purged.merchant_no AND t.order_no = purged.order_no';
    return `WITH purged AS (
      DELETE FROM ${this.db.table('payments')} p USING unnest($1::text[], $2::text[]) AS k (merchant_no, order_no)
      WHERE p.merchant_no = k.merchant_no AND p.order_no = k.order_no AND ${this.isDelivered('p')}
      RETURNING p.merchant_no, p.order_no
    ), outcomes AS (DELETE FROM ${this.db.table('outcomes')} t ${ofPurged}
    ), events AS (DELETE FROM ${this.db.table('events')} t ${ofPurged}
    ) SELECT count(*)::text AS count FROM purged`;
  }

  private isDelivered(payment: string): string {
    return `NOT EXISTS (
      SELECT FROM ${this.db.table('events')} e WHERE e.merchant_no = ${payment}.merchant_no
        AND e.order_no = ${payment}.order_no AND e.delivery <> 'delivered'
    )`;
  }
}
