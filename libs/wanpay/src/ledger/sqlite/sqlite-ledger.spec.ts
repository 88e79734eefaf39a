import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome, VirtualAccount } from '../../protocol/index.js';
import { ledgerConformance } from '../conformance.js';
import type { OwedEvent, Report } from '../ledger.js';
import type { Payment } from '../payment.js';
import { type Driver, DRIVER_NAMES, loadDriver, type SqliteDatabase } from './driver.js';
import { SqliteLedger } from './sqlite-ledger.js';

const START = new Date('2026-03-01T04:00:00.000Z');
const LATER = new Date('2026-03-01T05:00:00.000Z');
const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280' };
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59.000Z'),
};

const drivers = (await Promise.allSettled(DRIVER_NAMES.map((name) => loadDriver(name))))
  .filter((loaded) => loaded.status === 'fulfilled')
  .map(({ value }) => value);

it('has a driver to be tested with', () => {
  expect(drivers).not.toEqual([]);
});

describe.each(drivers)('SqliteLedger on $name', (driver) => {
  let folder: string;
  let ledger: SqliteLedger;
  const statements: string[] = [];

  function openAt(name: string): SqliteLedger {
    return new SqliteLedger(join(folder, name), () => Promise.resolve(recording(driver, statements)));
  }

  async function restart(): Promise<void> {
    await ledger.stop();
    ledger = openAt('wanpay.db');
    await ledger.start();
  }

  async function claim(now = START): Promise<readonly OwedEvent[]> {
    return ledger.claim(now, LATER, 100);
  }

  async function claimOne(now = START): Promise<OwedEvent> {
    const [owed] = await claim(now);
    if (!owed) throw new Error('nothing is owed');
    return owed;
  }

  async function openPending(orderNo: string): Promise<void> {
    await ledger.open(intent(orderNo));
    await ledger.issue(intent(orderNo), ACCOUNT, START);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    ledger = openAt('wanpay.db');
    await ledger.start();
    statements.length = 0;
  });

  afterEach(async () => {
    await ledger.stop();
    await rm(folder, { recursive: true });
  });

  describe('does what every ledger does:', () => {
    let opened = 0;
    const cases = ledgerConformance(async () => {
      const another = openAt(`case-${(opened += 1)}.db`);
      await another.start();
      return { ledger: another, close: () => another.stop() };
    });
    for (const conformance of cases) it(conformance.name, () => conformance.run());
  });

  describe('its file', () => {
    it('keeps everything when it is closed and opened again', async () => {
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const before = [await ledger.list({}), await ledger.timeline(intent('A1')), await ledger.nextDue()];
      await restart();
      expect([await ledger.list({}), await ledger.timeline(intent('A1')), await ledger.nextDue()]).toEqual(before);
      await ledger.settle(report('A1', PAID));
      expect(await ledger.timeline(intent('A1'))).toHaveLength(4);
    });

    it('syncs each commit to the disk', async () => {
      const read = (name: string): Promise<unknown> =>
        ledger.withDatabase((database) => database.prepare(`PRAGMA ${name}`).all());
      expect(await read('synchronous')).toEqual([{ synchronous: 2 }]);
      expect(await read('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(await read('fullfsync')).toEqual([{ fullfsync: 1 }]);
    });

    it('is refused to a second ledger of the same process until the first has stopped', async () => {
      const second = openAt('wanpay.db');
      await expect(second.start()).rejects.toMatchObject({ code: 'ledger_in_use', file: ledger.file });
      await ledger.open(intent('A1'));
      await ledger.stop();
      await second.start();
      expect(await second.find(intent('A1'))).toEqual(intent('A1'));
      await second.stop();
    });

    it('is refused where it can not be made, or holds something else', async () => {
      await expect(openAt('no/such/folder.db').start()).rejects.toMatchObject({ code: 'ledger_file' });
      const other = join(folder, 'text.db');
      await writeFile(other, 'This is no database, however long it may be.'.repeat(100));
      await expect(openAt('text.db').start()).rejects.toThrow(other);
    });
  });

  describe('when it is not open', () => {
    it('rejects, and says so', async () => {
      const closed = openAt('closed.db');
      await expect(closed.find(intent('A1'))).rejects.toMatchObject({ code: 'ledger_closed' });
      await expect(closed.stop()).resolves.toBeUndefined();
      await ledger.stop();
      await expect(ledger.settle(report('A1', PAID))).rejects.toMatchObject({ code: 'ledger_closed' });
      await expect(ledger.withDatabase(() => 1)).rejects.toMatchObject({ code: 'ledger_closed' });
    });

    it('has written what was asked for before', async () => {
      const settles = Promise.all(Array.from({ length: 1100 }, (_, i) => ledger.settle(report(`U${i}`, PAID))));
      await ledger.stop();
      ledger = openAt('wanpay.db');
      await ledger.start();
      expect(await settles).toHaveLength(1100);
      expect(await ledger.claim(START, LATER, 2000)).toHaveLength(1100);
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

    it('fail alone', async () => {
      await Promise.all(['A1', 'A2', 'A3'].map(openPending));
      await ledger.withDatabase((database) =>
        database.exec(`UPDATE wanpay_payments SET document = '{}' WHERE order_no = 'A2'`),
      );
      statements.length = 0;
      const settled = await Promise.allSettled(
        ['A1', 'A2', 'A3'].map((orderNo) => ledger.settle(report(orderNo, PAID))),
      );
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(commits()).toBe(1);
      expect(await ledger.timeline(intent('A2'))).toHaveLength(1);
    });

    it('leave nothing of one that fails half-way, and all of those beside it', async () => {
      await Promise.all(['A1', 'A2', 'A3'].map(openPending));
      await ledger.withDatabase((database) =>
        database.exec(`
          CREATE TRIGGER refuse BEFORE INSERT ON wanpay_events WHEN new.order_no = 'A2' AND new.type = 'atm.paid'
          BEGIN SELECT RAISE(ABORT, 'no luck'); END`),
      );
      statements.length = 0;
      const settled = await Promise.allSettled(
        ['A1', 'A2', 'A3'].map((orderNo) => ledger.settle(report(orderNo, PAID))),
      );
      expect(settled).toMatchObject([
        { value: { events: [{ type: 'atm.paid', orderNo: 'A1' }] } },
        { reason: { message: expect.stringContaining('no luck') } },
        { value: { events: [{ type: 'atm.paid', orderNo: 'A3' }] } },
      ]);
      expect(commits()).toBe(1);
      expect(await ledger.find(intent('A2'))).toMatchObject({ state: 'pending' });
      expect((await ledger.timeline(intent('A1'))).map(({ kind }) => kind)).toEqual(['event', 'outcome', 'event']);
      expect(await ledger.timeline(intent('A2'))).toHaveLength(1);
      await ledger.withDatabase((database) => database.exec('DROP TRIGGER refuse'));
      expect((await ledger.settle(report('A2', PAID))).events).toHaveLength(1);
    });

    it('are undone whole when the disk is full, and go on when it no longer is', async () => {
      await openPending('A1');
      const limit = (pages: number): Promise<unknown> =>
        ledger.withDatabase((database) => database.prepare(`PRAGMA max_page_count = ${pages}`).all());
      await limit(1);
      const big: Outcome = { ...PAID, payer: { account: '*'.repeat(100_000) } };
      const settled = await Promise.allSettled(['A1', 'U1'].map((orderNo) => ledger.settle(report(orderNo, big))));
      expect(settled).toMatchObject([
        { status: 'rejected', reason: { message: expect.stringContaining('full') } },
        { status: 'rejected', reason: { message: expect.stringContaining('full') } },
      ]);
      expect(await ledger.find(intent('A1'))).toMatchObject({ state: 'pending' });
      expect(await ledger.timeline(intent('A1'))).toHaveLength(1);
      await limit(1_000_000);
      expect((await ledger.settle(report('A1', big))).payment).toMatchObject({ state: 'paid' });
    });
  });

  describe('events', () => {
    it('are recorded once, also when an order is withdrawn and opened again', async () => {
      const wrong: Outcome = { ...PAID, reportedAmount: '7' };
      await ledger.open(intent('A1'));
      expect((await ledger.settle(report('A1', wrong))).events).toHaveLength(1);
      await ledger.withdraw(intent('A1'));
      await ledger.open(intent('A1'));
      expect((await ledger.settle(report('A1', wrong))).events).toEqual([]);
      expect(await claim()).toHaveLength(1);
    });

    it('carry the payment as it was when they became owed, also when more happens to it at the same time', async () => {
      await ledger.open(intent('A1'));
      const wrong: Outcome = { ...PAID, reportedAmount: '7' };
      const [issued, mismatched, paid] = await Promise.all([
        ledger.issue(intent('A1'), ACCOUNT, START),
        ledger.settle(report('A1', wrong)),
        ledger.settle(report('A1', PAID)),
      ]);
      const owed = [];
      for (let [next] = await claim(); next; [next] = await claim()) {
        owed.push(next.event);
        await ledger.recordAttempt(next, { handled: [], now: START });
      }
      expect(owed[0]).toMatchObject({ type: 'atm.issued', payment: issued });
      expect(owed.slice(1)).toEqual([...mismatched.events, ...paid.events]);
    });

    it('that wait behind another are not what is due next', async () => {
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const first = await claimOne();
      const failure = { handlers: ['A'], message: 'no luck' };
      await ledger.recordAttempt(first, { handled: [], failure, retryAt: LATER, now: START });
      expect(await ledger.nextDue()).toEqual(LATER);
      expect(await claim()).toEqual([]);
      expect((await claimOne(LATER)).event.id).toBe(first.event.id);
    });

    it('that are owed again come before those that came after them', async () => {
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const issued = await claimOne();
      const failure = { handlers: ['A'], message: 'no luck' };
      await ledger.recordAttempt(issued, { handled: [], failure, now: START });
      await ledger.replay(issued.event.id, START);
      expect((await claim()).map(({ event }) => event.type)).toEqual(['atm.issued']);
    });

    it('stand in an order’s history as they came, among what was said at the same time', async () => {
      await ledger.settle(report('A1', PAID));
      await openPending('A1');
      await ledger.settle(report('A1', PAID));
      const timeline = await ledger.timeline(intent('A1'));
      expect(timeline.map((entry) => (entry.kind === 'event' ? entry.type : entry.outcome.status))).toEqual([
        'paid',
        'atm.unmatched',
        'atm.issued',
        'paid',
        'atm.paid',
      ]);
    });
  });

  describe('a handler in a transaction', () => {
    const shipped = (): Promise<unknown> =>
      ledger.withDatabase((database) => database.prepare('SELECT order_no FROM shipments').all());
    const ship = (client: unknown): void => {
      if (!isDatabase(client)) throw new TypeError('no database');
      client.prepare('INSERT INTO shipments VALUES (?)').run('A1');
    };

    beforeEach(async () => {
      await ledger.withDatabase((database) =>
        database.exec('CREATE TABLE shipments (order_no TEXT PRIMARY KEY) STRICT'),
      );
      await openPending('A1');
    });

    it('writes with the mark that it did', async () => {
      const owed = await claimOne();
      await ledger.transact(owed, 'Shipping.ship', ship);
      await restart();
      expect(await shipped()).toEqual([{ order_no: 'A1' }]);
      expect(await ledger.timeline(intent('A1'))).toMatchObject([{ handled: ['Shipping.ship'] }]);
      expect((await claimOne(LATER)).handled).toEqual(['Shipping.ship']);
    });

    it('leaves nothing when it throws, nor disturbs those that run with it', async () => {
      const owed = await claimOne();
      const handlers = await Promise.allSettled([
        ledger.transact(owed, 'A', (client) => {
          ship(client);
          throw new Error('no luck');
        }),
        ledger.transact(owed, 'B', () => undefined),
        ledger.transact(owed, 'C', ship),
      ]);
      expect(handlers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
      expect(await ledger.timeline(intent('A1'))).toMatchObject([{ handled: ['B', 'C'] }]);
    });

    it('leaves nothing when it returns a promise, which is refused even if it fails later', async () => {
      const owed = await claimOne();
      const later = ledger.transact(owed, 'A', async (client) => {
        ship(client);
        await Promise.resolve();
        throw new Error('nobody listens');
      });
      await expect(later).rejects.toMatchObject({ code: 'async_work', message: expect.stringContaining('handler A') });
      expect(await shipped()).toEqual([]);
      expect(await ledger.timeline(intent('A1'))).toMatchObject([{ handled: [] }]);
    });

    it('is not run when the event is someone else’s', async () => {
      const first = await claimOne();
      await claimOne(LATER);
      await expect(ledger.transact(first, 'A', ship)).rejects.toMatchObject({ code: 'claim_lost' });
      expect(await shipped()).toEqual([]);
    });

    it('that ends the transaction itself fails, and disturbs nothing that the ledger writes', async () => {
      const owed = await claimOne();
      for (const [end, orderNo] of [['COMMIT', 'B1'] as const, ['ROLLBACK', 'B2'] as const]) {
        const [opened, handled] = await Promise.allSettled([
          ledger.open(intent(orderNo)),
          ledger.transact(owed, 'A', (client) => {
            if (isDatabase(client)) client.exec(end);
          }),
        ]);
        expect(opened).toMatchObject({ value: { opened: true } });
        expect(handled.status).toBe('rejected');
        expect(await ledger.find(intent(orderNo))).toEqual(intent(orderNo));
      }
    });
  });
});

/** Notes each statement that is run. */
function recording(driver: Driver, statements: string[]): Driver {
  return {
    name: driver.name,
    open: (file) => {
      const database = driver.open(file);
      return {
        prepare: (sql) => {
          const statement = database.prepare(sql);
          return {
            run: (...values) => {
              statements.push(sql);
              return statement.run(...values);
            },
            all: (...values) => {
              statements.push(sql);
              return statement.all(...values);
            },
          };
        },
        exec: (sql) => {
          statements.push(sql);
          return database.exec(sql);
        },
        close: () => database.close(),
      };
    },
  };
}

function isDatabase(value: unknown): value is SqliteDatabase {
  return typeof value === 'object' && value !== null && 'prepare' in value && 'exec' in value;
}

function intent(orderNo: string): Payment {
  const key = { merchantNo: '21008024', orderNo };
  return { ...key, amount: 1280, livemode: false, state: 'opening', createdAt: START, updatedAt: START };
}

function report(orderNo: string, outcome: Outcome): Report {
  return { merchantNo: '21008024', orderNo, livemode: false, outcome, source: 'notification', now: START };
}
