import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome, VirtualAccount } from '../../../protocol/index.js';
import { ledgerStoreConformance } from '../../conformance.js';
import { Ledger, type Report } from '../../ledger.js';
import type { Payment } from '../../payment.js';
import type { DeliveryChange, StoredDelivery, TransactionalWork } from '../../store.js';
import { installedDrivers, watchedDriver } from '../drivers.fixture.js';
import type { Connection } from './connection.js';
import type { SqliteDatabase } from './driver.js';
import { openLedgerFile } from './ledger-file.js';
import { SqliteStore } from './sqlite-store.js';

const START = new Date('2026-03-01T04:00:00.000Z');
const LATER = new Date('2026-03-01T05:00:00.000Z');
const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280' };
const SHIPPING = { handler: 'Shipping.ship', type: 'atm.paid' } as const;
const ISSUING = { handler: 'Shipping.ship', type: 'atm.issued' } as const;
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59.000Z'),
};

it('has a driver to be tested with', () => {
  expect(installedDrivers).not.toEqual([]);
});

describe.each(installedDrivers)('SqliteStore on $name', (driver) => {
  let folder: string;
  let store: SqliteStore;
  let ledger: Ledger;
  const statements: string[] = [];

  /** @param wait called when the file is in use; by default the test fails at once */
  function openAt(name: string, wait?: (ms: number) => Promise<unknown>, graceMs?: number): SqliteStore {
    const open = (file: string): Promise<Connection> =>
      Promise.resolve(openLedgerFile(watchedDriver(driver, { run: (sql) => statements.push(sql) }), file));
    return new SqliteStore(join(folder, name), open, graceMs, wait ?? (() => Promise.resolve()));
  }

  async function start(): Promise<void> {
    store = openAt('wanpay.db');
    ledger = new Ledger(store);
    await ledger.start();
  }

  async function restart(): Promise<void> {
    await store.stop();
    await start();
  }

  async function claim(now = START): Promise<readonly StoredDelivery[]> {
    const subscriptions = [SHIPPING, ISSUING];
    return (await store.claimDeliveries({ subscriptions, now, leaseUntil: LATER, limit: 2000 })).deliveries;
  }

  async function claimOne(now = START): Promise<StoredDelivery> {
    const [claimed] = await claim(now);
    if (!claimed) throw new Error('nothing is due');
    return claimed;
  }

  async function openPending(orderNo: string): Promise<void> {
    await ledger.open(payment(orderNo));
    await ledger.issue(payment(orderNo), ACCOUNT, START);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    await start();
    await store.subscribe({ add: [SHIPPING], now: START });
    statements.length = 0;
  });

  afterEach(async () => {
    await store.stop();
    await rm(folder, { recursive: true });
  });

  describe('does what every store does:', () => {
    let opened = 0;
    const cases = ledgerStoreConformance(async () => {
      const another = openAt(`case-${(opened += 1)}.db`);
      await another.start();
      return { store: another, close: () => another.stop() };
    });
    for (const conformance of cases) it(conformance.name, () => conformance.run());
  });

  describe('its file', () => {
    it('keeps everything when it is closed and opened again', async () => {
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const read = async (): Promise<unknown> => [
        await ledger.list({}),
        await store.history(payment('A1')),
        await store.listDeliveries({ limit: 10, now: START }),
        await store.subscribe({ now: START }),
      ];
      const before = await read();
      await restart();
      expect(await read()).toEqual(before);
      await ledger.settle(report('A1', PAID));
      expect(await ledger.timeline(payment('A1'))).toHaveLength(3);
      await ledger.settle(report('U1', PAID));
      await openPending('A2');
      await ledger.settle(report('A2', PAID));
      expect(await claim()).toHaveLength(2);
    });

    it('syncs each commit to the disk', async () => {
      const read = (name: string): Promise<unknown> =>
        store.withDatabase((database) => database.prepare(`PRAGMA ${name}`).all());
      expect(await read('synchronous')).toEqual([{ synchronous: 2 }]);
      expect(await read('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(await read('fullfsync')).toEqual([{ fullfsync: 1 }]);
    });

    it('is nobody else’s to read, nor is its log', async () => {
      await openPending('A1');
      for (const name of ['wanpay.db', 'wanpay.db-wal']) {
        expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
      }
    });

    it('is refused to a second store of the same process until the first has stopped', async () => {
      const second = openAt('wanpay.db');
      await expect(second.start()).rejects.toMatchObject({ code: 'ledger_in_use', file: store.file });
      await ledger.open(payment('A1'));
      await store.stop();
      await second.start();
      expect(await second.load([payment('A1')])).toMatchObject([{ payment: payment('A1') }]);
      await second.stop();
    });

    it('is waited for while the process before lets go of it, for two seconds at most or as long as is said', async () => {
      const waits: number[] = [];
      const patient = openAt('wanpay.db', async (ms) => {
        waits.push(ms);
        if (waits.length === 3) await store.stop();
      });
      await patient.start();
      expect(waits).toHaveLength(3);
      waits.length = 0;
      const late = openAt('wanpay.db', (ms) => Promise.resolve(waits.push(ms)));
      await expect(late.start()).rejects.toMatchObject({ code: 'ledger_in_use' });
      expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(2000);
      for (const graceMs of [0, 300]) {
        waits.length = 0;
        const hasty = openAt('wanpay.db', (ms) => Promise.resolve(waits.push(ms)), graceMs);
        await expect(hasty.start()).rejects.toMatchObject({ code: 'ledger_in_use' });
        expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(graceMs);
      }
      await patient.stop();
    });

    it('is refused where it can not be made, or holds something else', async () => {
      await expect(openAt('no/such/folder.db').start()).rejects.toMatchObject({ code: 'ledger_file' });
      const other = join(folder, 'text.db');
      await writeFile(other, 'This is no database, however long it may be.'.repeat(100));
      await expect(openAt('text.db').start()).rejects.toThrow(other);
    });
  });

  describe('what a process that is gone had claimed', () => {
    it('is due at once, and counts as an attempt', async () => {
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      expect(await claimOne()).toMatchObject({ attempts: 1, claim: 1 });
      expect(await claim()).toEqual([]);
      await restart();
      expect(await claimOne()).toMatchObject({ attempts: 2, claim: 2 });
    });
  });

  describe('when it is not open', () => {
    it('rejects, and says so', async () => {
      const closed = openAt('closed.db');
      await expect(closed.load([payment('A1')])).rejects.toMatchObject({ code: 'ledger_closed' });
      await expect(closed.stop()).resolves.toBeUndefined();
      await store.stop();
      await expect(ledger.settle(report('A1', PAID))).rejects.toMatchObject({ code: 'ledger_closed' });
      await expect(store.withDatabase(() => 1)).rejects.toMatchObject({ code: 'ledger_closed' });
    });
  });

  describe('its writes', () => {
    const commits = (): number => statements.filter((sql) => sql === 'COMMIT').length;

    it('commit together when they come together', async () => {
      await Promise.all(Array.from({ length: 64 }, (_, i) => openPending(`A${i}`)));
      expect(commits()).toBe(2);
      await Promise.all(Array.from({ length: 64 }, (_, i) => ledger.settle(report(`A${i}`, PAID))));
      expect(commits()).toBe(3);
    });

    it('commit together also when they come from different turns of the microtask queue', async () => {
      await Promise.all(
        Array.from({ length: 64 }, async (_, i) => {
          for (let turn = 0; turn < i; turn += 1) await Promise.resolve();
          await ledger.settle(report(`A${i}`, PAID));
        }),
      );
      expect(commits()).toBe(1);
    });

    it('leave nothing of a batch in which one fails half-way, and all of those beside it when they are tried again', async () => {
      await Promise.all(['A1', 'A2', 'A3'].map(openPending));
      await store.withDatabase((database) =>
        database.exec(`
          CREATE TRIGGER refuse BEFORE INSERT ON wanpay_events WHEN new.order_no = 'A2' AND new.type = 'atm.paid'
          BEGIN SELECT RAISE(ABORT, 'no luck'); END`),
      );
      const settled = await Promise.allSettled(
        ['A1', 'A2', 'A3'].map((orderNo) => ledger.settle(report(orderNo, PAID))),
      );
      expect(settled).toMatchObject([
        { value: { events: [{ type: 'atm.paid', orderNo: 'A1' }] } },
        { reason: { message: expect.stringContaining('no luck') } },
        { value: { events: [{ type: 'atm.paid', orderNo: 'A3' }] } },
      ]);
      expect(await ledger.find(payment('A2'))).toMatchObject({ state: 'pending' });
      expect(await ledger.timeline(payment('A1'))).toHaveLength(3);
      expect(await ledger.timeline(payment('A2'))).toHaveLength(1);
      await store.withDatabase((database) => database.exec('DROP TRIGGER refuse'));
      expect((await ledger.settle(report('A2', PAID))).events).toHaveLength(1);
    });

    it('are undone whole when the disk is full, and go on when it no longer is', async () => {
      await openPending('A1');
      const limit = (pages: number): Promise<unknown> =>
        store.withDatabase((database) => database.prepare(`PRAGMA max_page_count = ${pages}`).all());
      await limit(1);
      const big: Outcome = { ...PAID, payer: { account: '*'.repeat(100_000) } };
      const settled = await Promise.allSettled(['A1', 'U1'].map((orderNo) => ledger.settle(report(orderNo, big))));
      expect(settled).toMatchObject([
        { status: 'rejected', reason: { message: expect.stringContaining('full') } },
        { status: 'rejected', reason: { message: expect.stringContaining('full') } },
      ]);
      expect(await ledger.find(payment('A1'))).toMatchObject({ state: 'pending' });
      expect(await ledger.timeline(payment('A1'))).toHaveLength(1);
      await limit(1_000_000);
      expect((await ledger.settle(report('A1', big))).payment).toMatchObject({ state: 'paid' });
    });
  });

  describe('deliveries', () => {
    it('that wait behind another are not what is due next, and those that are due again come before them', async () => {
      await store.subscribe({ add: [ISSUING], now: START });
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const first = await claimOne();
      expect(first.event.type).toBe('atm.issued');
      await store.changeDeliveries([done(first, { state: 'pending', dueAt: LATER, failure: 'no luck' })]);
      const peek = { subscriptions: [SHIPPING, ISSUING], now: START, leaseUntil: LATER, limit: 0 };
      expect(await store.claimDeliveries(peek)).toEqual({ deliveries: [], nextDueAt: LATER });
      expect(await claim()).toEqual([]);
      const again = await claimOne(LATER);
      expect(again.event.id).toBe(first.event.id);
      await store.changeDeliveries([done(again, { state: 'dead' })]);
      const { merchantNo, orderNo, seq, handler } = again;
      await store.changeDeliveries([{ merchantNo, orderNo, seq, handler, state: 'pending', dueAt: START }]);
      expect((await claim(LATER)).map(({ event }) => event.type)).toEqual(['atm.issued']);
    });
  });

  describe('a handler in a transaction', () => {
    const shipped = (): Promise<unknown> =>
      store.withDatabase((database) => database.prepare('SELECT order_no FROM shipments').all());
    const ship = (client: unknown): void => {
      if (!isDatabase(client)) throw new TypeError('no database');
      client.prepare('INSERT INTO shipments VALUES (?)').run('A1');
    };

    beforeEach(async () => {
      await store.withDatabase((database) =>
        database.exec('CREATE TABLE shipments (order_no TEXT PRIMARY KEY) STRICT'),
      );
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
    });

    it('writes with the mark that it did', async () => {
      expect(await store.changeDeliveries([done(await claimOne())], work(ship))).toEqual([true]);
      await restart();
      expect(await shipped()).toEqual([{ order_no: 'A1' }]);
      expect(await claim(LATER)).toEqual([]);
    });

    it('leaves nothing when it throws, nor disturbs those that run with it', async () => {
      await openPending('A2');
      await ledger.settle(report('A2', PAID));
      const [first, second] = await claim();
      if (!first || !second) throw new Error('two are due');
      const handlers = await Promise.allSettled([
        store.changeDeliveries(
          [done(first)],
          work((client) => {
            ship(client);
            throw new Error('no luck');
          }),
        ),
        store.changeDeliveries([done(second)], work(ship)),
      ]);
      expect(handlers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect(await store.listDeliveries({ state: 'running', limit: 10, now: START })).toMatchObject([
        { seq: first.seq },
      ]);
      expect(await shipped()).toHaveLength(1);
    });

    it('leaves nothing when it returns a promise, which is refused even if it fails later', async () => {
      const later = store.changeDeliveries(
        [done(await claimOne())],
        work(async (client) => {
          ship(client);
          await Promise.resolve();
          throw new Error('nobody listens');
        }),
      );
      await expect(later).rejects.toMatchObject({
        code: 'async_work',
        message: expect.stringContaining('handler Shipping.ship'),
      });
      expect(await shipped()).toEqual([]);
      expect(await store.listDeliveries({ state: 'running', limit: 10, now: START })).toHaveLength(1);
    });

    it('is not run when the delivery is someone else’s, or when its time is over', async () => {
      const first = await claimOne();
      await expect(
        store.changeDeliveries([done(first)], { run: ship, signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ name: 'AbortError' });
      await claimOne(LATER);
      expect(await store.changeDeliveries([done(first)], work(ship))).toEqual([false]);
      expect(await shipped()).toEqual([]);
    });

    it('that ends the transaction itself fails, and disturbs nothing that the ledger writes', async () => {
      const claimed = await claimOne();
      for (const [end, orderNo] of [['COMMIT', 'B1'] as const, ['ROLLBACK', 'B2'] as const]) {
        const [opened, handled] = await Promise.allSettled([
          ledger.open(payment(orderNo)),
          store.changeDeliveries(
            [done(claimed)],
            work((client) => {
              if (isDatabase(client)) client.exec(end);
            }),
          ),
        ]);
        expect(opened).toMatchObject({ value: { opened: true } });
        expect(handled.status).toBe('rejected');
        expect(await ledger.find(payment(orderNo))).toEqual(payment(orderNo));
      }
      expect(await store.listDeliveries({ state: 'running', limit: 10, now: START })).toHaveLength(1);
    });
  });
});

function isDatabase(value: unknown): value is SqliteDatabase {
  return typeof value === 'object' && value !== null && 'prepare' in value && 'exec' in value;
}

function done(
  { merchantNo, orderNo, seq, handler, claim }: StoredDelivery,
  change: Partial<DeliveryChange> = {},
): DeliveryChange {
  return { merchantNo, orderNo, seq, handler, expectedClaim: claim, state: 'delivered', dueAt: START, ...change };
}

function work(run: TransactionalWork['run']): TransactionalWork {
  return { run, signal: new AbortController().signal };
}

function payment(orderNo: string): Payment {
  const key = { merchantNo: '21008024', orderNo };
  return { ...key, amount: 1280, livemode: false, state: 'opening', createdAt: START, updatedAt: START };
}

function report(orderNo: string, outcome: Outcome): Report {
  return { merchantNo: '21008024', orderNo, livemode: false, outcome, source: 'notification', now: START };
}
