import type { Connection } from './connection.js';
import { numberOf } from './connection.js';
import { LedgerVersionError } from './errors.js';

/** A step from one version of the tables to the next. */
export interface Migration {
  /**
   * The version that it leads to: hundreds and a rest. Releases that know the hundreds can work with the tables, whatever
   * the rest: a step that only adds counts up the rest, one that older releases can't live with begins the next hundred.
   */
  readonly version: number;
  readonly sql: string;
}

const HUNDRED = 100;

/** Every step, oldest first. Append to it; what was released stays as it is. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 100,
    // Moments are milliseconds since 1970. What a column holds apart from its document is there to be searched by.
    sql: `
      CREATE TABLE wanpay_payments (
        merchant_no TEXT NOT NULL,
        order_no TEXT NOT NULL,
        amount INTEGER NOT NULL,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (merchant_no, order_no)
      ) STRICT;
      CREATE INDEX wanpay_payments_listed ON wanpay_payments (created_at, merchant_no, order_no);
      CREATE INDEX wanpay_payments_by_merchant ON wanpay_payments (merchant_no, created_at, order_no);
      CREATE INDEX wanpay_payments_by_state ON wanpay_payments (state, created_at, merchant_no, order_no);
      CREATE INDEX wanpay_payments_ended ON wanpay_payments (updated_at)
        WHERE state IN ('paid', 'failed', 'closed', 'expired');

      CREATE TABLE wanpay_outcomes (
        seq INTEGER PRIMARY KEY,
        merchant_no TEXT NOT NULL,
        order_no TEXT NOT NULL,
        at INTEGER NOT NULL,
        source TEXT NOT NULL,
        state_before TEXT,
        state_after TEXT,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX wanpay_outcomes_of_order ON wanpay_outcomes (merchant_no, order_no);

      CREATE TABLE wanpay_events (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        merchant_no TEXT NOT NULL,
        order_no TEXT NOT NULL,
        type TEXT NOT NULL,
        document TEXT NOT NULL,
        delivery TEXT NOT NULL DEFAULT 'owed' CHECK (delivery IN ('owed', 'delivered', 'dead')),
        is_next INTEGER NOT NULL CHECK (is_next IN (0, 1)),
        attempts INTEGER NOT NULL DEFAULT 0,
        claims INTEGER NOT NULL DEFAULT 0,
        handled TEXT NOT NULL DEFAULT '[]',
        due_at INTEGER NOT NULL,
        lease_until INTEGER,
        failure TEXT,
        died_at INTEGER
      ) STRICT;
      CREATE INDEX wanpay_events_of_order ON wanpay_events (merchant_no, order_no);
      CREATE INDEX wanpay_events_claimable ON wanpay_events (coalesce(lease_until, due_at)) WHERE is_next = 1;
      CREATE INDEX wanpay_events_claimed ON wanpay_events (lease_until) WHERE lease_until IS NOT NULL;
      CREATE INDEX wanpay_events_dead ON wanpay_events (died_at) WHERE delivery = 'dead';
    `,
  },
  {
    version: 101,
    // Payments that the release before opens, also later, are due at once; here they are told apart by their state.
    sql: `
      ALTER TABLE wanpay_payments ADD COLUMN next_check_at INTEGER DEFAULT 0;
      ALTER TABLE wanpay_payments ADD COLUMN check_failures INTEGER NOT NULL DEFAULT 0;
      UPDATE wanpay_payments SET next_check_at = NULL WHERE state NOT IN ('opening', 'pending');
      CREATE INDEX wanpay_payments_checked ON wanpay_payments (next_check_at) WHERE next_check_at IS NOT NULL;
      CREATE INDEX wanpay_payments_checked_by_merchant ON wanpay_payments (merchant_no, next_check_at)
        WHERE next_check_at IS NOT NULL;
      CREATE INDEX wanpay_events_unmatched ON wanpay_events (json_extract(document, '$.occurredAt'))
        WHERE type = 'atm.unmatched';
    `,
  },
  {
    version: 200,
    // An event's id is a hash, so in an index by id alone each new event changes a page of its own, which is half of what
    // a batch of notifications writes. Within its order an event is found as well.
    sql: `
      CREATE TABLE wanpay_events_200 (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        merchant_no TEXT NOT NULL,
        order_no TEXT NOT NULL,
        type TEXT NOT NULL,
        document TEXT NOT NULL,
        delivery TEXT NOT NULL DEFAULT 'owed' CHECK (delivery IN ('owed', 'delivered', 'dead')),
        is_next INTEGER NOT NULL CHECK (is_next IN (0, 1)),
        attempts INTEGER NOT NULL DEFAULT 0,
        claims INTEGER NOT NULL DEFAULT 0,
        handled TEXT NOT NULL DEFAULT '[]',
        due_at INTEGER NOT NULL,
        lease_until INTEGER,
        failure TEXT,
        died_at INTEGER
      ) STRICT;
      INSERT INTO wanpay_events_200
        SELECT seq, id, merchant_no, order_no, type, document, delivery, is_next, attempts, claims, handled, due_at,
          lease_until, failure, died_at
        FROM wanpay_events ORDER BY seq;
      DROP TABLE wanpay_events;
      ALTER TABLE wanpay_events_200 RENAME TO wanpay_events;
      CREATE UNIQUE INDEX wanpay_events_of_order ON wanpay_events (merchant_no, order_no, id);
      CREATE INDEX wanpay_events_claimable ON wanpay_events (coalesce(lease_until, due_at)) WHERE is_next = 1;
      CREATE INDEX wanpay_events_claimed ON wanpay_events (lease_until) WHERE lease_until IS NOT NULL;
      CREATE INDEX wanpay_events_dead ON wanpay_events (died_at) WHERE delivery = 'dead';
      CREATE INDEX wanpay_events_dead_by_id ON wanpay_events (id) WHERE delivery = 'dead';
      CREATE INDEX wanpay_events_unmatched ON wanpay_events (json_extract(document, '$.occurredAt'))
        WHERE type = 'atm.unmatched';
    `,
  },
];

/** The version that this release brings the tables to. */
export const LATEST = latestOf(MIGRATIONS);

/**
 * Brings the tables up to date, inside a transaction that the caller holds.
 *
 * @throws LedgerVersionError when they are not of a version that these steps can work with
 */
export function migrate(connection: Connection, file: string, steps = MIGRATIONS): void {
  const found = versionOf(connection);
  assertKnown(found, file, latestOf(steps));
  for (const { version, sql } of steps) {
    if (version <= found) continue;
    connection.database.exec(sql);
    connection.database.exec(`PRAGMA user_version = ${version}`);
  }
}

/**
 * Checks that a release whose steps lead to `latest` can work with tables of a version; 0 is an empty file.
 *
 * @throws LedgerVersionError
 */
export function assertKnown(found: number, file: string, latest = LATEST): void {
  const known = { from: HUNDRED, to: latest - (latest % HUNDRED) + HUNDRED - 1 };
  if (found !== 0 && (found < known.from || found > known.to)) throw new LedgerVersionError(file, found, known);
}

/** 0 in a file that holds no ledger yet. */
export function versionOf(connection: Connection): number {
  const [row] = connection.all('PRAGMA user_version');
  return row ? numberOf(row, 'user_version') : 0;
}

function latestOf(steps: readonly Migration[]): number {
  return steps.at(-1)?.version ?? 0;
}
