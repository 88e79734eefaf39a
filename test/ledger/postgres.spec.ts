import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AtmEvent, Ledger, type LedgerStore, MemoryStore, type Payment } from 'nestjs-wanpay/ledger';
import { ledgerStoreConformance } from 'nestjs-wanpay/ledger-conformance';
import { postgres } from 'nestjs-wanpay/postgres';
import type { Outcome } from 'nestjs-wanpay/protocol';
import pg from 'pg';
import { createDatabase } from '../servers/shared-postgres.js';
import { emptyTables } from './ledger-fixture.js';
import { ACCOUNT, FAILED, key, later, MISMATCHED, opening, PAID, report, START } from './payments.js';
import { openPool, PostgresFixture, SHIP } from './postgres-fixture.js';

const HOSTS: readonly { name: string; config: pg.PoolConfig }[] = [
  { name: 'PostgreSQL’s own settings', config: {} },
  {
    name: 'a host with type parsers, a time zone and an isolation level of its own',
    config: {
      options: '-c TimeZone=Asia/Taipei -c DateStyle=SQL,DMY -c default_transaction_isolation=serializable',
      types: { getTypeParser: (oid: number) => (text: string) => (oid === 25 ? text : `parsed ${text}`) },
    },
  },
];

describe.each(HOSTS)('a store in PostgreSQL with $name', ({ config }) => {
  let pool: pg.Pool;
  const start = async (): Promise<LedgerStore> => {
    const store = postgres({ pool, schema: 'conformance' });
    await store.start(() => undefined);
    return store;
  };

  beforeAll(async () => {
    pool = openPool({ connectionString: await createDatabase(), ...config });
    await (await start()).stop();
  });

  afterAll(() => pool.end());

  const cases = ledgerStoreConformance(async () => {
    await emptyTables((sql) => pool.query(sql), 'conformance.');
    const store = await start();
    return { store, another: start, close: () => store.stop() };
  });
  for (const conformance of cases) it(conformance.name, () => conformance.run());
});

describe('the group commit over PostgreSQL', () => {
  let fixture: PostgresFixture;

  beforeEach(async () => {
    fixture = await PostgresFixture.open();
  });

  afterEach(() => fixture.close());

  it('writes what arrives at once with a statement for each of its two batches, and reads nothing that it knows', async () => {
    const orders = await fixture.openPending(64);
    const { ledger } = fixture;
    const settleAll = (): Promise<unknown> => Promise.all(orders.map((orderNo) => ledger.settle(report(orderNo))));
    expect(await statementsOf(settleAll)).toEqual(['WITH', 'WITH']);
  });

  it('reads what it does not know, and asks again before it says that nothing changes', async () => {
    await fixture.openPending(1);
    const other = await fixture.another();
    expect(await statementsOf(() => other.settle(report('A0')))).toEqual(['SELECT', 'WITH']);
    // It was pending when this process saw it last.
    const settled = await fixture.ledger.settle(report('A0', FAILED));
    expect(settled).toMatchObject({ payment: { state: 'paid' }, events: [] });
  });

  it('records nothing of an order that another process changed, when it opens another one in the same batch', async () => {
    await fixture.openPending(1);
    await (await fixture.another()).requestCheck(key('A0'), later(1));
    const { ledger } = fixture;
    // The first leaves at once, and those behind it together.
    await Promise.all([
      ledger.open(opening('B0')),
      ledger.settle(report('A0', MISMATCHED)),
      ledger.open(opening('C0')),
    ]);
    const timeline = await fixture.ledger.timeline(key('A0'));
    const types = timeline.flatMap((entry) => (entry.kind === 'event' ? [entry.type] : []));
    expect(types).toEqual(['atm.issued', 'atm.amount_mismatch']);
  });

  it('applies several outcomes of one order in the order in which they came', async () => {
    const { ledger } = fixture;
    await fixture.openPending(2);
    const settled = await Promise.all([
      ledger.settle(report('A0', FAILED)),
      ledger.settle(report('A1', MISMATCHED)),
      ledger.settle(report('A1', FAILED)),
      ledger.settle(report('A1', PAID)),
      ledger.settle(report('A1', FAILED)),
    ]);
    expect(settled.map(({ payment }) => payment?.state)).toEqual(['failed', 'pending', 'failed', 'paid', 'paid']);
    const timeline = await ledger.timeline(key('A1'));
    const types = timeline.flatMap((entry) => (entry.kind === 'event' ? [entry.type] : []));
    expect(types).toEqual(['atm.issued', 'atm.amount_mismatch', 'atm.failed', 'atm.paid']);
  });

  it('gives back events as a memory gives them back', async () => {
    const payment: Payment = {
      ...opening('FULL'),
      validDays: 3,
      description: '茶壺 "大" \\ 1',
      returnUrl: 'https://shop.example/return?a=1&b=2',
      notificationUrl: 'https://shop.example/wanpay/notifications',
    };
    const payer = { bankCode: '013', account: '***********12345' };
    const paid: Outcome = { ...PAID, reportedAmount: '128000', payer, transactedAt: later(2) };
    const subscriptions = [SHIP, ...(['atm.paid', 'atm.amount_mismatch'] as const).map(shippingOf)];
    const takeAll = async (ledger: Ledger): Promise<readonly AtmEvent[]> => {
      const claim = { subscriptions, now: later(10), leaseUntil: later(60), limit: 10 };
      const { deliveries } = await ledger.deliveries.claim(claim);
      for (const delivery of deliveries) await ledger.deliveries.succeed(delivery, later(10));
      return deliveries.map(({ event }) => event).sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    const told = async (ledger: Ledger): Promise<unknown> => {
      await ledger.deliveries.subscribe(subscriptions, START, START);
      await ledger.open(payment);
      await ledger.issue(payment, ACCOUNT, START);
      await ledger.settle(report('FULL', MISMATCHED));
      const settled = await ledger.settle(report('FULL', paid));
      const bare = await ledger.open(opening('BARE')).then(() => ledger.settle(report('BARE')));
      const events: AtmEvent[] = [];
      for (let due = await takeAll(ledger); due.length > 0; due = await takeAll(ledger)) events.push(...due);
      return { settled, bare, events, timeline: await ledger.timeline(key('FULL')) };
    };
    expect(await told(fixture.ledger)).toEqual(await told(new Ledger(new MemoryStore())));
  });

  it('sees to it that each check of a batch is no later than any that came with it', async () => {
    const { ledger } = fixture;
    await Promise.all(['B1', 'B2', 'B3', 'B4'].map((orderNo) => ledger.open(opening(orderNo), later(900))));
    const doubt = (orderNo: string): Promise<unknown> => ledger.settle({ ...report(orderNo), mustConfirm: true });
    const issue = (orderNo: string): Promise<unknown> => ledger.issue(key(orderNo), ACCOUNT, START, later(500));
    await Promise.all([
      ...[doubt('B1'), issue('B1'), issue('B2'), doubt('B2'), doubt('B3'), issue('B4'), doubt('B4')],
      ledger.settle(report('B4')),
    ]);
    const { checks } = await ledger.claimChecks({ now: later(1), leaseUntil: later(2), limit: 10 });
    expect(checks.map(({ payment }) => payment.orderNo).sort()).toEqual(['B1', 'B2', 'B3']);
    expect(await ledger.nextCheckDue(later(1))).toEqual(later(2));
  });

  it('lets a number that cannot be written fail alone', async () => {
    const { ledger } = fixture;
    await fixture.openPending(2);
    const settled = await Promise.allSettled([
      ledger.settle(report('A0')),
      ledger.settle(report('x\0')),
      ledger.settle(report('A1', { ...PAID, code: 'bad\0code' })),
      ledger.settle(report('NONE')),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    const [entry] = (await ledger.timeline(key('A1'))).filter(({ kind }) => kind === 'outcome');
    expect(entry).toMatchObject({ outcome: { code: 'bad\0code' } });
  });

  /** The first word of each statement that was sent, but for hints to other processes, which come in their own time. */
  async function statementsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await act();
    const texts = query.mock.calls.map(textOf).filter((text) => !text.startsWith('SELECT pg_notify'));
    query.mockRestore();
    return texts.map((text) => text.split(/\s/)[0] ?? '');
  }
});

function shippingOf<Type extends 'atm.paid' | 'atm.amount_mismatch'>(type: Type): { handler: string; type: Type } {
  return { handler: SHIP.handler, type };
}

function textOf([asked]: readonly unknown[]): string {
  return typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : String(asked);
}
