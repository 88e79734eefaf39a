// What a good engineer writes without the library: a transaction per notification.
import { randomUUID } from 'node:crypto';
import type Database from 'libsql';
import { nextCheckAt, paidReport, pendingPayment } from '../orders.js';

const FIND = 'SELECT state, document FROM payments WHERE merchant_no = ? AND order_no = ?';
const PAY = `UPDATE payments SET state = 'paid', updated_at = ?, document = ?, next_check_at = NULL
  WHERE merchant_no = ? AND order_no = ?`;
const SEE = `INSERT INTO outcomes (merchant_no, order_no, at, source, state_before, state_after, document)
  VALUES (?, ?, ?, 'notification', ?, 'paid', ?)`;
const OWE = `INSERT INTO events (id, merchant_no, order_no, type, document, due_at, is_next)
  VALUES (?, ?, ?, 'atm.paid', ?, ?, 1)`;
const OPEN = `INSERT INTO payments (merchant_no, order_no, amount, state, created_at, updated_at, document, next_check_at)
  VALUES (?, ?, ?, 'pending', ?, ?, ?, ?)`;

const TABLES = `
  CREATE TABLE payments (merchant_no TEXT NOT NULL, order_no TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, document TEXT NOT NULL, next_check_at INTEGER,
    PRIMARY KEY (merchant_no, order_no)) STRICT;
  CREATE INDEX payments_listed ON payments (created_at, merchant_no, order_no);
  CREATE INDEX payments_by_merchant ON payments (merchant_no, created_at, order_no);
  CREATE INDEX payments_by_state ON payments (state, created_at, merchant_no, order_no);
  CREATE INDEX payments_ended ON payments (updated_at) WHERE state = 'paid';
  CREATE INDEX payments_checked ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
  CREATE INDEX payments_checked_by_merchant ON payments (merchant_no, next_check_at) WHERE next_check_at IS NOT NULL;
  CREATE TABLE outcomes (seq INTEGER PRIMARY KEY, merchant_no TEXT NOT NULL, order_no TEXT NOT NULL, at INTEGER NOT NULL,
    source TEXT NOT NULL, state_before TEXT, state_after TEXT, document TEXT NOT NULL) STRICT;
  CREATE INDEX outcomes_of_order ON outcomes (merchant_no, order_no);
  CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, merchant_no TEXT NOT NULL, order_no TEXT NOT NULL,
    type TEXT NOT NULL, document TEXT NOT NULL, delivery TEXT NOT NULL DEFAULT 'pending', due_at INTEGER NOT NULL,
    lease_until INTEGER, is_next INTEGER NOT NULL) STRICT;
  CREATE UNIQUE INDEX events_of_order ON events (merchant_no, order_no, id);
  CREATE INDEX events_claimable ON events (coalesce(lease_until, due_at)) WHERE is_next = 1;
  CREATE INDEX events_claimed ON events (lease_until) WHERE lease_until IS NOT NULL;`;

/** What both sides of a comparison are made with; one speaks like the other. */
export type SqlitePackage = 'better-sqlite3' | 'libsql';

/** A file with tables of its own. */
export class SqliteByHand {
  private constructor(private readonly database: Database.Database) {}

  static async create(file: string, driver: SqlitePackage): Promise<SqliteByHand> {
    const database = new (await load(driver))(file);
    // As the ledger has them.
    for (const pragma of [
      'locking_mode = EXCLUSIVE',
      'journal_mode = WAL',
      'synchronous = FULL',
      'fullfsync = ON',
      'temp_store = MEMORY',
      'wal_autocheckpoint = 4000',
    ]) {
      database.exec(`PRAGMA ${pragma}`);
    }
    database.exec(TABLES);
    return new SqliteByHand(database);
  }

  /** Opens payments, all in one transaction. */
  open(orderNos: readonly string[]): void {
    const open = this.database.prepare(OPEN);
    this.database.transaction(() => {
      for (const payment of orderNos.map(pendingPayment)) {
        const { merchantNo, orderNo, amount, createdAt } = payment;
        const [now, next] = [createdAt.getTime(), nextCheckAt(payment).getTime()];
        open.run(merchantNo, orderNo, amount, now, now, JSON.stringify(payment), next);
      }
    })();
  }

  /** What settles one payment in one transaction; each statement is prepared once. */
  settling(): (orderNo: string) => void {
    const [find, pay, see, owe] = [FIND, PAY, SEE, OWE].map((sql) => this.database.prepare(sql));
    return this.database.transaction((orderNo: string) => {
      const { merchantNo, outcome, now } = paidReport(orderNo);
      const row: unknown = find?.get(merchantNo, orderNo);
      const payment = { ...paymentOf(row), state: 'paid', paidAt: now, payer: outcome.payer, updatedAt: now };
      const at = now.getTime();
      pay?.run(at, JSON.stringify(payment), merchantNo, orderNo);
      see?.run(merchantNo, orderNo, at, 'pending', JSON.stringify(outcome));
      const id = `evt_${randomUUID()}`;
      const event = {
        id,
        type: 'atm.paid',
        merchantNo,
        orderNo,
        livemode: false,
        occurredAt: now,
        payment,
        late: false,
      };
      owe?.run(id, merchantNo, orderNo, JSON.stringify(event), at);
    });
  }

  close(): void {
    this.database.close();
  }
}

/** `better-sqlite3` where somebody has installed it, which can take a compiler; then what is always here. */
export async function findSqlitePackages(): Promise<readonly SqlitePackage[]> {
  try {
    await load('better-sqlite3');
    return ['better-sqlite3', 'libsql'];
  } catch {
    return ['libsql'];
  }
}

async function load(driver: SqlitePackage): Promise<typeof Database> {
  const module: unknown = await import(driver);
  if (typeof module === 'object' && module !== null && 'default' in module && isDatabaseClass(module.default)) {
    return module.default;
  }
  throw new TypeError(`${driver} has no database to construct.`);
}

function isDatabaseClass(value: unknown): value is typeof Database {
  return typeof value === 'function';
}

function paymentOf(row: unknown): object {
  if (typeof row === 'object' && row !== null && 'document' in row && 'state' in row && row.state === 'pending') {
    const payment: unknown = JSON.parse(String(row.document));
    if (typeof payment === 'object' && payment !== null) return payment;
  }
  throw new Error('The order could not be paid.');
}
