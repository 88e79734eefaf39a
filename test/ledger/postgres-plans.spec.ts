import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PostgresServer } from '../servers/postgres.js';
import { key, later, report } from './payments.js';
import { PostgresFixture } from './postgres-fixture.js';

const ROWS = 10_000;

/** Payments of every state with their trail, some of them owed for and some dead, a second apart. */
const FILL = `
  INSERT INTO wanpay.payments (merchant_no, order_no, state, amount, livemode, created_at, updated_at)
    SELECT '21008024', 'N' || i, (ARRAY['pending', 'paid', 'expired', 'opening'])[i % 4 + 1], 1280, false, at, at
    FROM generate_series(1, ${ROWS}) i, LATERAL (SELECT timestamptz '2026-03-01 04:00Z' + i * interval '1 second') t (at);
  INSERT INTO wanpay.outcomes (merchant_no, order_no, source, outcome, seen_at)
    SELECT merchant_no, order_no, 'query', '{"status": "unpaid", "code": "5801"}', created_at FROM wanpay.payments;
  INSERT INTO wanpay.events (id, merchant_no, order_no, type, body, delivery, due_at, lease_until)
    SELECT 'evt_' || order_no || n, merchant_no, order_no, 'atm.issued',
      '{"id": "evt_1", "type": "atm.issued", "occurredAt": "2026-03-01T04:00:00Z"}',
      CASE WHEN order_no LIKE '%7' THEN 'owed' WHEN order_no LIKE '%99' THEN 'dead' ELSE 'delivered' END, created_at,
      CASE WHEN order_no LIKE '%77' AND n = 1 THEN created_at + interval '1 minute' END
    FROM wanpay.payments, generate_series(1, 2) n ORDER BY created_at, n;
  ANALYZE wanpay.payments; ANALYZE wanpay.outcomes; ANALYZE wanpay.events;`;

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

function isStatement(asked: unknown): asked is Statement {
  return typeof asked === 'object' && asked !== null && 'text' in asked && 'values' in asked;
}

describe('the statements of a PostgresLedger, with many rows', () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;

  beforeAll(async () => {
    server = await PostgresServer.start({ fsync: false });
    fixture = await PostgresFixture.open(server);
    await fixture.pool.query(FILL);
  }, 60_000);

  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['claim', () => fixture.ledger.claim(later(ROWS), later(ROWS + 60), 64)],
    ['nextDue', () => fixture.ledger.nextDue()],
    ['deadLetters', () => fixture.ledger.deadLetters()],
    ['list', () => fixture.ledger.list({})],
    ['list, a later page', async () => fixture.ledger.list(await secondPage())],
    ['list of a time', () => fixture.ledger.list({ createdFrom: later(100), createdBefore: later(300) })],
    ['timeline', () => fixture.ledger.timeline(key('N1'))],
    ['find', () => fixture.ledger.find(key('N1'))],
    ['settle', () => fixture.ledger.settle(report('N4'))],
    ['settle, unmatched', () => fixture.ledger.settle(report('NONE'))],
    ['replay', () => fixture.ledger.replay('evt_N991', later(1))],
    ['purge', () => fixture.ledger.purge(later(ROWS), 20)],
  ])('read no whole table: %s', async (_name, act) => {
    const statements = await statementsOf(act);
    expect(statements).not.toEqual([]);
    for (const { text, values } of statements) expect(await scansOf(text, values)).toEqual([]);
  });

  async function secondPage(): Promise<{ after?: string }> {
    const { next } = await fixture.ledger.list({});
    return next === undefined ? {} : { after: next };
  }

  /** What the ledger asked of the server that touches its tables. */
  async function statementsOf(act: () => Promise<unknown>): Promise<Statement[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await act();
    const calls: unknown[][] = query.mock.calls;
    query.mockRestore();
    return calls.flatMap(([asked]) => (isStatement(asked) && asked.text.includes('wanpay') ? [asked] : []));
  }

  /** The tables that a statement reads from end to end. Asking for the plan does not run it. */
  async function scansOf(text: string, values: readonly unknown[]): Promise<string[]> {
    const { rows } = await fixture.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
    return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Seq Scan'));
  }
});
