import pLimit, { type LimitFunction } from 'p-limit';
import type { DeadLetter, DeliveryAttempt, OwedEvent } from '../ledger.js';
import { ClaimLostError } from '../errors.js';
import { Attempts, unionWith } from './attempts.js';
import type { Connection, Database } from './database.js';
import {
  CLAIM_SELECTION,
  type ClaimRow,
  EVENT_SELECTION,
  type EventRow,
  toDeadLetter,
  toOwedEvent,
} from './event-rows.js';
import { millisecondsOf, toDate } from './payment-rows.js';

/** Still the claim of `owed`: $1 its id, $2 its number. Whoever claims the event again has another, also after a replay. */
const CLAIMED = `e.id = $1 AND e.claims = $2 AND e.delivery = 'owed' AND e.lease_until IS NOT NULL`;

/**
 * The events owed.
 *
 * Of an order, only the oldest event that is owed can be claimed, when it is due and nobody holds it or the claim has
 * lapsed. While it is owed it stands before the others, whoever holds it; a claimant locks it, and one that saw it free
 * but comes to the lock too late looks at it again. So no two claimants have events of one order at once, but for one
 * that a person replays while a younger one is being delivered.
 */
export class Deliveries {
  /**
   * Handlers hold their connections for as long as they run, so they get half of the pool: the other half is for
   * notifications, which wait for no handler.
   */
  private readonly turn: LimitFunction;
  private readonly attempts: Attempts;

  constructor(
    private readonly db: Database,
    private readonly origin: string,
  ) {
    this.attempts = new Attempts(db);
    this.turn = pLimit(Math.max(1, Math.floor(db.pool.options.max / 2)));
  }

  /** {@link Ledger.claim} */
  async claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]> {
    const values = [now.toISOString(), leaseUntil.toISOString(), limit];
    return (await this.db.query<keyof ClaimRow>(this.claimStatement, values)).map(toOwedEvent);
  }

  /** {@link Ledger.release} */
  async release({ event, claim }: OwedEvent): Promise<void> {
    await this.db.query(
      `WITH released AS (
        UPDATE ${this.events} e SET attempts = attempts - 1, lease_until = NULL WHERE ${CLAIMED} RETURNING 1
      ) SELECT pg_notify($3, $4)::text FROM released`,
      [event.id, claim, this.db.channel, this.origin],
    );
  }

  /** {@link Ledger.recordAttempt} */
  recordAttempt(owed: OwedEvent, result: DeliveryAttempt): Promise<boolean> {
    return this.attempts.record(owed, result);
  }

  /**
   * {@link Ledger.transact}
   *
   * The event is not locked while the handler runs: one that hangs would keep its timeout from being recorded. What
   * counts is that the mark at the end, which commits together with what the handler wrote, demands the claim again.
   */
  async transact({ event, claim }: OwedEvent, handler: string, work: (client: unknown) => unknown): Promise<void> {
    const transaction = async (client: Connection): Promise<void> => {
      await this.demand(client, event.id, `SELECT e.id FROM ${this.events} e WHERE ${CLAIMED}`, claim);
      await work(client);
      const mark = `UPDATE ${this.events} e SET handled = ${unionWith('SELECT unnest($3::text[])')} WHERE ${CLAIMED} RETURNING e.id`;
      await this.demand(client, event.id, mark, claim, [handler]);
    };
    await this.turn(() => this.db.transaction(transaction));
  }

  /** {@link Ledger.nextDue} */
  async nextDue(): Promise<Date | undefined> {
    const next = (select: string, lease: string, order: string): string =>
      `SELECT (SELECT ${select} FROM ${this.events} e WHERE e.delivery = 'owed' AND e.lease_until ${lease}
        AND ${this.itsTurn} ORDER BY ${order} LIMIT 1) AS at`;
    const [row] = await this.db.query<'due'>(
      `SELECT ${millisecondsOf('least(free.at, claimed.at)')} AS due
      FROM (${next('e.due_at', 'IS NULL', 'e.due_at, e.seq')}) free,
        (${next('e.lease_until', 'IS NOT NULL', 'e.lease_until')}) claimed`,
      [],
    );
    return toDate(row?.due ?? null);
  }

  /** {@link Ledger.deadLetters} */
  async deadLetters(): Promise<readonly DeadLetter[]> {
    const rows = await this.db.query<keyof EventRow>(
      `SELECT ${EVENT_SELECTION} FROM ${this.events} e WHERE e.delivery = 'dead' ORDER BY e.seq`,
      [],
    );
    return rows.map(toDeadLetter);
  }

  /** {@link Ledger.replay} */
  async replay(eventId: string, now: Date): Promise<boolean> {
    const rows = await this.db.query(
      `WITH replayed AS (
        UPDATE ${this.events} SET delivery = 'owed', attempts = 0, due_at = $2::timestamptz, lease_until = NULL,
          failed_handlers = NULL, failure_message = NULL, died_at = NULL
        WHERE id = $1 AND delivery = 'dead' RETURNING 1
      ) SELECT pg_notify($3, $4)::text FROM replayed`,
      [eventId, now.toISOString(), this.db.channel, this.origin],
    );
    return rows.length > 0;
  }

  private get events(): string {
    return this.db.table('events');
  }

  /** That an event is the oldest of its order that is owed. */
  private get itsTurn(): string {
    return `NOT EXISTS (
      SELECT FROM ${this.events} other WHERE other.merchant_no = e.merchant_no AND other.order_no = e.order_no
        AND other.delivery = 'owed' AND other.seq < e.seq
    )`;
  }

  /** Claims that lapsed come first. Both halves pass over what another claimant is at. */
  private get claimStatement(): string {
    return `WITH lapsed AS MATERIALIZED (
      SELECT e.seq FROM ${this.events} e
      WHERE e.delivery = 'owed' AND e.lease_until IS NOT NULL AND e.lease_until <= $1::timestamptz AND ${this.itsTurn}
      ORDER BY e.lease_until LIMIT $3 FOR UPDATE OF e SKIP LOCKED
    ), due AS MATERIALIZED (
      SELECT e.seq FROM ${this.events} e
      WHERE e.delivery = 'owed' AND e.lease_until IS NULL AND e.due_at <= $1::timestamptz AND ${this.itsTurn}
      ORDER BY e.due_at, e.seq LIMIT greatest($3 - (SELECT count(*) FROM lapsed), 0) FOR UPDATE OF e SKIP LOCKED
    ), claimed AS (
      UPDATE ${this.events} e SET attempts = attempts + 1, claims = claims + 1, lease_until = $2::timestamptz
      WHERE e.seq = ANY (ARRAY(SELECT seq FROM lapsed UNION ALL SELECT seq FROM due))
      RETURNING e.seq, ${CLAIM_SELECTION}
    ) SELECT body, attempts, claims, handled FROM claimed ORDER BY seq`;
  }

  private async demand(
    client: Connection,
    eventId: string,
    statement: string,
    claim: number,
    ...values: readonly unknown[]
  ): Promise<void> {
    const rows = await this.db.queryOn(client, statement, [eventId, claim, ...values]);
    if (rows.length === 0) throw new ClaimLostError(eventId);
  }
}
