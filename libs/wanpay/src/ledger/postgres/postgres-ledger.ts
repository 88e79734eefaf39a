import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { VirtualAccount } from '../../protocol/index.js';
import { WanPayError } from '../../protocol/index.js';
import type {
  DeadLetter,
  DeliveryAttempt,
  DueCheck,
  Ledger,
  NextCheck,
  OwedEvent,
  PaymentFilter,
  PaymentPage,
  Period,
  PeriodSummary,
  Report,
  Settled,
  TimelineEntry,
} from '../ledger.js';
import { isIssued, type IssuedPayment, type Payment, type PaymentKey } from '../payment.js';
import { Checks } from './checks.js';
import { Database } from './database.js';
import { Deliveries } from './deliveries.js';
import { PostgresUnavailableError } from './errors.js';
import { History } from './history.js';
import { Leases } from './leases.js';
import { Notices } from './notices.js';
import { Payments } from './payments.js';
import { loadPg } from './pg.js';
import { assertMigrated, migrate } from './schema/migrate.js';
import { schemaName } from './schema/schema-name.js';
import { Settlements } from './settlements.js';
import { summarize } from './summary.js';

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 10_000;

/** How to reach the ledger's tables. */
export type PostgresOptions = PostgresTables &
  (
    | {
        /** The host's own pool. The ledger never closes it. */
        readonly pool: Pool;
      }
    | {
        /** The database's address, for a pool of the ledger's own. */
        readonly connectionString: string;
      }
  );

/** Where the ledger's tables are, and who looks after them. */
export interface PostgresTables {
  /** The schema that holds the tables; `wanpay` by default. */
  readonly schema?: string;
  /** Whether the tables are made and brought up to date at start-up; true by default. See {@link postgresMigrations}. */
  readonly migrate?: boolean;
  /** How long a statement may take before the call fails, in milliseconds; 30,000 by default. */
  readonly statementTimeoutMs?: number;
  /**
   * Whether each connection plans a statement once rather than each time; true by default. Say false behind a pooler that
   * gives a connection to a client for a transaction and knows no prepared statements, such as PgBouncer before 1.21.
   */
  readonly prepare?: boolean;
}

/** What works on the tables, once there is a pool. */
interface Parts {
  readonly db: Database;
  readonly payments: Payments;
  readonly settlements: Settlements;
  readonly deliveries: Deliveries;
  readonly history: History;
  readonly checks: Checks;
  readonly leases: Leases;
  readonly notices: Notices;
}

/** The ledger in PostgreSQL, for any number of processes that work on the same payments. */
export class PostgresLedger implements Ledger {
  readonly transactions = 'async';
  readonly isShared = true;

  private readonly schema: string;
  private readonly listeners: ((eventIds: readonly string[]) => void)[] = [];
  private parts: Parts | undefined;

  /** @throws InvalidFieldError when `schema` is not a plain identifier */
  constructor(private readonly options: PostgresOptions) {
    this.schema = schemaName(options.schema);
  }

  async start(): Promise<void> {
    const parts = this.assemble(await this.openPool());
    try {
      await (this.options.migrate === false ? assertMigrated(parts.db) : migrate(parts.db));
      await parts.notices.start();
    } catch (error) {
      await this.close(parts);
      throw error instanceof WanPayError ? error : new PostgresUnavailableError(error);
    }
    this.parts = parts;
  }

  async stop(): Promise<void> {
    const { parts } = this;
    this.parts = undefined;
    if (parts) await this.close(parts);
  }

  async open(payment: Payment, nextCheckAt?: Date): Promise<{ payment: Payment; opened: boolean }> {
    return this.started.payments.open(payment, nextCheckAt);
  }

  async withdraw(key: PaymentKey): Promise<void> {
    return this.started.payments.withdraw(key);
  }

  async find(key: PaymentKey): Promise<Payment | undefined> {
    return this.started.payments.find(key);
  }

  async issue(
    key: PaymentKey,
    account: VirtualAccount,
    now: Date,
    nextCheckAt?: Date,
  ): Promise<IssuedPayment | undefined> {
    const payment = await this.started.settlements.issue(key, account, now, nextCheckAt);
    return payment && isIssued(payment) ? payment : undefined;
  }

  async settle(report: Report): Promise<Settled> {
    return this.started.settlements.settle(report);
  }

  async list(filter: PaymentFilter): Promise<PaymentPage> {
    return this.started.payments.list(filter);
  }

  async timeline(key: PaymentKey): Promise<readonly TimelineEntry[]> {
    return this.started.history.timeline(key);
  }

  async purge(before: Date, limit: number): Promise<number> {
    return this.started.history.purge(before, limit);
  }

  async claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]> {
    return this.started.deliveries.claim(now, leaseUntil, limit);
  }

  async release(owed: OwedEvent): Promise<void> {
    return this.started.deliveries.release(owed);
  }

  async recordAttempt(owed: OwedEvent, attempt: DeliveryAttempt): Promise<boolean> {
    return this.started.deliveries.recordAttempt(owed, attempt);
  }

  async transact(owed: OwedEvent, handler: string, work: (client: unknown) => unknown): Promise<void> {
    return this.started.deliveries.transact(owed, handler, work);
  }

  async nextDue(): Promise<Date | undefined> {
    return this.started.deliveries.nextDue();
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return this.started.deliveries.deadLetters();
  }

  async replay(eventId: string, now: Date): Promise<boolean> {
    const replayed = await this.started.deliveries.replay(eventId, now);
    if (replayed) this.nudge([eventId]);
    return replayed;
  }

  onEventsOwed(listener: (eventIds: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  async claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<readonly DueCheck[]> {
    return this.started.checks.claim(now, leaseUntil, limit, merchantNo);
  }

  async scheduleCheck(check: DueCheck, next: NextCheck): Promise<boolean> {
    return this.started.checks.schedule(check, next);
  }

  async requestCheck(key: PaymentKey, now: Date): Promise<boolean> {
    return this.started.checks.request(key, now);
  }

  async nextCheckDue(merchantNo?: string): Promise<Date | undefined> {
    return this.started.checks.nextDue(merchantNo);
  }

  async summarize(period: Period): Promise<PeriodSummary> {
    return summarize(this.started.db, period);
  }

  async takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    return this.started.leases.take(name, holder, now, until);
  }

  async dropLease(name: string, holder: string): Promise<void> {
    return this.started.leases.drop(name, holder);
  }

  private get started(): Parts {
    if (this.parts) return this.parts;
    throw new PostgresUnavailableError('it is not started.');
  }

  private assemble(pool: Pool): Parts {
    const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, prepare } = this.options;
    const db = new Database(pool, this.schema, statementTimeoutMs, prepare);
    const origin = randomUUID();
    const nudge = (eventIds: readonly string[]): void => {
      this.nudge(eventIds);
    };
    // The pool replaces an idle client whose connection was lost; what it tells of that must only not be unheard. A client
    // that it gave up tells by itself, and nobody else listens to it any more.
    pool.on('error', ignore);
    pool.on('connect', hush);
    const notices = new Notices(db, origin, () => {
      nudge([]);
    });
    const settlements = new Settlements(db, (eventIds) => {
      nudge(eventIds);
      notices.announce();
    });
    return {
      db,
      payments: new Payments(db),
      settlements,
      deliveries: new Deliveries(db, origin),
      history: new History(db),
      checks: new Checks(db),
      leases: new Leases(db),
      notices,
    };
  }

  private async openPool(): Promise<Pool> {
    if ('pool' in this.options) return this.options.pool;
    const { Pool } = await loadPg();
    const { connectionString } = this.options;
    return new Pool({ connectionString, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, keepAlive: true });
  }

  private async close({ db, notices }: Parts): Promise<void> {
    await notices.stop();
    if ('pool' in this.options) db.pool.off('error', ignore).off('connect', hush);
    else await db.pool.end();
  }

  private nudge(eventIds: readonly string[]): void {
    for (const listener of this.listeners) listener(eventIds);
  }
}

function hush(client: PoolClient): void {
  client.on('error', ignore);
}

function ignore(): void {
  // Nothing to do.
}
