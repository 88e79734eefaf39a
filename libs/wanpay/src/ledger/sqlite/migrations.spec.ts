import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AtmEvent, eventBase } from '../events.js';
import type { OwedEvent } from '../ledger.js';
import type { Payment } from '../payment.js';
import { writeRecord } from '../record.js';
import { unmatched } from '../settle.js';
import { Connection } from './connection.js';
import { loadDriver, type SqliteDatabase } from './driver.js';
import { LedgerVersionError } from './errors.js';
import { migrate, type Migration, MIGRATIONS, versionOf } from './migrations.js';
import { SqliteLedger } from './sqlite-ledger.js';

const NOW = new Date('2026-03-01T04:00:00.000Z');
const LATER = new Date('2026-03-01T05:00:00.000Z');
const KEY = { merchantNo: '21008024', orderNo: 'A1' };
const INTENT: Payment = { ...KEY, amount: 1280, livemode: false, state: 'opening', createdAt: NOW, updatedAt: NOW };
const LATEST = MIGRATIONS.at(-1)?.version ?? 0;
const ADDS: Migration = { version: LATEST + 1, sql: 'ALTER TABLE wanpay_payments ADD COLUMN checked_at INTEGER' };
/** The first version that a release which knows the latest can't work with. */
const NEXT = LATEST - (LATEST % 100) + 100;
const BREAKS: Migration = { version: NEXT, sql: 'ALTER TABLE wanpay_payments RENAME COLUMN document TO record' };

describe('migrate', () => {
  let folder: string;
  let ledger: SqliteLedger;

  /** Does to the tables what a release with these steps would do at its start, in a transaction as it would. */
  async function upgrade(...steps: readonly Migration[]): Promise<void> {
    await ledger.withDatabase((database) => {
      migrate(new Connection(database), 'a.db', [...MIGRATIONS, ...steps]);
    });
  }

  async function version(): Promise<number> {
    return ledger.withDatabase((database) => versionOf(new Connection(database)));
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    ledger = new SqliteLedger(join(folder, 'a.db'), () => loadDriver());
    await ledger.start();
    await ledger.open(INTENT);
    await ledger.settle({
      ...KEY,
      livemode: false,
      source: 'query',
      now: NOW,
      outcome: { status: 'failed', code: '5805' },
    });
  });

  afterEach(async () => {
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  it('counts its steps in one direction', () => {
    const versions = MIGRATIONS.map((step) => step.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it('leaves tables that are up to date as they are', async () => {
    await ledger.stop();
    await ledger.start();
    expect(await version()).toBe(LATEST);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
  });

  it('brings tables of an earlier release, with what they hold, up to date', async () => {
    await upgrade(ADDS);
    expect(await version()).toBe(ADDS.version);
    const rows = await ledger.withDatabase((database) =>
      database.prepare('SELECT order_no, checked_at FROM wanpay_payments').all(),
    );
    expect(rows).toEqual([{ order_no: 'A1', checked_at: null }]);
    await upgrade(ADDS);
  });

  it('works with tables to which a later release only added', async () => {
    await upgrade(ADDS);
    await ledger.stop();
    await ledger.start();
    expect(await version()).toBe(ADDS.version);
    expect(await ledger.find(KEY)).toMatchObject({ state: 'failed' });
    await ledger.open({ ...INTENT, orderNo: 'A2' });
  });

  it('refuses tables that a later release changed, leaves them alone, and lets go of the file', async () => {
    await upgrade(ADDS, BREAKS);
    await ledger.stop();
    await expect(ledger.start()).rejects.toThrow(
      new RegExp(`a\\.db has schema version ${NEXT} .*works with 100 to ${NEXT - 1}`),
    );
    await expect(ledger.start()).rejects.toBeInstanceOf(LedgerVersionError);
  });

  it('refuses a database that counts versions of its own', async () => {
    await ledger.withDatabase((database) => database.exec('PRAGMA user_version = 7'));
    await ledger.stop();
    await expect(ledger.start()).rejects.toMatchObject({ code: 'ledger_version', found: 7 });
  });

  it('leaves the tables of the earlier release when a step fails', async () => {
    const fails = { version: LATEST + 2, sql: 'ALTER TABLE no_such_table ADD COLUMN a' };
    await expect(upgrade(ADDS, fails)).rejects.toMatchObject({ message: expect.stringContaining('no_such_table') });
    expect(await version()).toBe(LATEST);
    await upgrade(ADDS);
  });
});

describe('tables of version 100', () => {
  let folder: string;
  let file: string;
  let ledger: SqliteLedger;

  /** What that release wrote when it opened a payment. */
  function insert(database: SqliteDatabase, payment: Payment): void {
    database
      .prepare(
        `INSERT INTO wanpay_payments (merchant_no, order_no, amount, state, created_at, updated_at, document)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(KEY.merchantNo, payment.orderNo, 1280, payment.state, NOW.getTime(), NOW.getTime(), writeRecord(payment));
  }

  async function claimed(): Promise<readonly string[]> {
    const checks = await ledger.claimChecks(NOW, new Date(NOW.getTime() + 60_000), 100);
    for (const check of checks) await ledger.scheduleCheck(check, { failures: 0 });
    return checks.map(({ payment }) => payment.orderNo).sort();
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    file = join(folder, 'a.db');
    const driver = await loadDriver();
    const database = driver.open(file);
    migrate(new Connection(database), file, MIGRATIONS.slice(0, 1));
    for (const state of ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'] as const) {
      insert(database, { ...INTENT, orderNo: state, state });
    }
    database.close();
    ledger = new SqliteLedger(file, () => Promise.resolve(driver));
    await ledger.start();
  });

  afterEach(async () => {
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  it('have the open payments asked after at once, and no other', async () => {
    expect(await ledger.nextCheckDue()).toEqual(new Date(0));
    expect(await claimed()).toEqual(['opening', 'pending']);
    expect(await ledger.nextCheckDue()).toBeUndefined();
    expect((await ledger.list({})).payments).toHaveLength(6);
  });

  it('are written by that release after all, and what it opened is asked after', async () => {
    await ledger.withDatabase((database) => {
      insert(database, { ...INTENT, orderNo: 'later' });
      database
        .prepare(`UPDATE wanpay_payments SET state = 'paid', document = ? WHERE order_no = 'pending'`)
        .run(writeRecord({ ...INTENT, orderNo: 'pending', state: 'paid' }));
    });
    expect(await claimed()).toEqual(['later', 'opening', 'pending']);
    expect(await ledger.nextCheckDue()).toBeUndefined();
  });
});

describe('tables of version 101', () => {
  let folder: string;
  let ledger: SqliteLedger;

  interface OldEvent {
    readonly seq: number;
    readonly event: AtmEvent;
    readonly course?: Readonly<Record<string, string | number>>;
  }

  const failure = { handlers: ['B'], message: 'no luck' };
  const failed: AtmEvent = { ...eventBase('atm.failed', INTENT, NOW), payment: INTENT };
  const wrong: AtmEvent = { ...eventBase('atm.mismatched', INTENT, NOW, '7'), payment: INTENT, reportedAmount: '7' };
  const dead: AtmEvent = { ...eventBase('atm.closed', INTENT, NOW), payment: INTENT };
  const waiting: AtmEvent = { ...eventBase('atm.paid', INTENT, NOW), payment: INTENT, late: false };
  const strange = unmatched({ ...KEY, orderNo: 'NONE', livemode: false }, { status: 'paid', code: '0000' }, NOW);
  const EVENTS: readonly OldEvent[] = [
    { seq: 3, event: failed, course: { delivery: 'delivered', handled: '["A"]', attempts: 1, claims: 1 } },
    { seq: 5, event: wrong, course: { is_next: 1, attempts: 2, claims: 3, handled: '["A"]' } },
    {
      seq: 7,
      event: dead,
      course: { delivery: 'dead', attempts: 9, claims: 9, failure: JSON.stringify(failure), died_at: NOW.getTime() },
    },
    { seq: 8, event: waiting },
    { seq: 9, event: strange, course: { is_next: 1 } },
  ];

  /** What that release wrote of an event. */
  function insert(database: SqliteDatabase, { seq, event, course }: OldEvent): void {
    const { id, merchantNo, orderNo, type } = event;
    const row = { seq, id, merchant_no: merchantNo, order_no: orderNo, type, document: writeRecord(event), due_at: 0 };
    const columns = { ...row, is_next: 0, ...course };
    const places = Object.keys(columns).map(() => '?');
    database
      .prepare(`INSERT INTO wanpay_events (${Object.keys(columns).join()}) VALUES (${places.join()})`)
      .run(...Object.values(columns));
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    const file = join(folder, 'a.db');
    const driver = await loadDriver();
    const database = driver.open(file);
    migrate(new Connection(database), file, MIGRATIONS.slice(0, 2));
    for (const event of EVENTS) insert(database, event);
    database.close();
    ledger = new SqliteLedger(file, () => Promise.resolve(driver));
    await ledger.start();
    await ledger.open(INTENT);
  });

  afterEach(async () => {
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  it('keep their events, in their order and as far as each was', async () => {
    expect(await ledger.timeline(KEY)).toMatchObject([
      { type: 'atm.failed', delivery: 'delivered', attempts: 1, handled: ['A'] },
      { type: 'atm.mismatched', delivery: 'owed', attempts: 2, handled: ['A'] },
      { type: 'atm.closed', delivery: 'dead', attempts: 9, failure },
      { type: 'atm.paid', delivery: 'owed', attempts: 0, handled: [] },
    ]);
    expect(await ledger.deadLetters()).toEqual([{ event: dead, attempts: 9, handled: [], failure, diedAt: NOW }]);
  });

  it('have what is owed delivered, one after the other', async () => {
    const claim = (): Promise<readonly OwedEvent[]> => ledger.claim(NOW, LATER, 100);
    const [first, other] = await claim();
    expect([first, other]).toEqual([
      { event: wrong, attempt: 3, claim: 4, handled: ['A'] },
      { event: strange, attempt: 1, claim: 1, handled: [] },
    ]);
    if (first) expect(await ledger.recordAttempt(first, { handled: [], now: NOW })).toBe(true);
    expect((await claim()).map(({ event }) => event)).toEqual([waiting]);
    expect(await ledger.replay(dead.id, NOW)).toBe(true);
    expect((await claim()).map(({ event }) => event)).toEqual([dead]);
  });

  it('have each fact that is recorded recorded once', async () => {
    const outcome = { status: 'paid', code: '0000', reportedAmount: '7' } as const;
    const settled = await ledger.settle({ ...KEY, livemode: false, source: 'query', now: NOW, outcome });
    expect(settled.payment).toMatchObject({ mismatchedAmounts: ['7'] });
    expect(settled.events).toEqual([]);
    expect(await ledger.timeline(KEY)).toHaveLength(5);
  });
});
