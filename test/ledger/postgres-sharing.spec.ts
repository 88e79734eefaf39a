import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { freePort } from '../processes/ports.js';
import { PostgresServer } from '../servers/postgres.js';
import { ACCOUNT, FAILED, key, opening, report, START } from './payments.js';
import { Hints, openPool, PostgresFixture, SHIP } from './postgres-fixture.js';

const DESK = { handler: 'Desk.show', type: 'atm.unknown_order' } as const;

describe('processes that share a ledger in PostgreSQL', () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;

  // A test that ends the server starts it again.
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  beforeEach(async () => {
    fixture = await PostgresFixture.open(await server.createDatabase());
    await fixture.subscribe(SHIP, DESK);
  });

  afterEach(async () => {
    await fixture.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('hear of events that another records, of deliveries that it gives back and of what it replays', async () => {
    const { deliveries } = fixture.ledger;
    const heard = new Hints(await fixture.another());
    await fixture.openPending(1);
    await heard.next();
    await deliveries.release(await fixture.claimOne(), START);
    await heard.next();
    await deliveries.bury(await fixture.claimOne(), 'no luck', START);
    await deliveries.replayAll({}, START);
    await heard.next();
  });

  it('are told which events they record themselves, and only that there are some of others', async () => {
    const [told, heard]: [string[], string[]] = [[], []];
    fixture.ledger.onEvents((events) => told.push(...events.map(({ type }) => type)));
    const other = await fixture.another();
    other.onEvents((events) => heard.push(...events.map(({ type }) => type)));
    const hints = new Hints(other);
    await fixture.openPending(1);
    await hints.next();
    expect(told).toEqual(['atm.issued']);
    expect(heard).toEqual([]);
  });

  it('tell of what they record at the latest when they stop', async () => {
    const heard = new Hints(fixture.ledger);
    const leaving = new Ledger(postgres({ connectionString: fixture.address }));
    await leaving.start();
    await leaving.settle(report('NONE'));
    await leaving.stop();
    await heard.next();
  });

  it('hear again when the connection that listens was lost', async () => {
    const { ledger, pool } = fixture;
    const heard = new Hints(ledger);
    await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`);
    await heard.next();
    const other = await fixture.another();
    await other.settle(report('NONE'));
    await heard.next();
  });

  it('fail each call while the server is gone, and work and hear again when it is back', async () => {
    const { ledger } = fixture;
    const other = await fixture.another();
    await fixture.openPending(2);
    await ledger.settle(report('A0'));
    await server.kill();
    const calls = [
      ledger.settle(report('A1')),
      ledger.settle(report('NONE')),
      ledger.find(key('A0')),
      other.deliveries.nextDue(START),
    ];
    const gone = await Promise.allSettled(calls);
    expect(gone.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);

    const heard = new Hints(other);
    await server.restart();
    await heard.next();
    const settled = await ledger.settle(report('A0', FAILED));
    expect(settled.payment?.state).toBe('paid');
    await ledger.open(opening('NEW'));
    await ledger.issue(key('NEW'), ACCOUNT, START);
    await heard.next();
  }, 30_000);

  it('fail a call that the server does not answer in time, and go on with the next', async () => {
    const impatient = new Ledger(postgres({ pool: fixture.pool, statementTimeoutMs: 200 }));
    await impatient.start();
    await fixture.openPending(2);
    const obstacle = await fixture.pool.connect();
    await obstacle.query(`BEGIN; SELECT FROM wanpay.wanpay_orders WHERE order_no = 'A0' FOR UPDATE`);
    await expect(impatient.settle(report('A0'))).rejects.toThrow(/timeout/);
    expect((await impatient.settle(report('A1'))).payment?.state).toBe('paid');
    await obstacle.query('ROLLBACK');
    obstacle.release();
    // What was not answered may have been done all the same, so it is told again, as the platform does.
    expect((await impatient.settle(report('A0'))).payment?.state).toBe('paid');
    await impatient.stop();
  });

  it('leave the pool of the host open, and close their own', async () => {
    await fixture.ledger.stop();
    expect((await fixture.pool.query('SELECT 1')).rowCount).toBe(1);
    const other = await fixture.another();
    await other.stop();
    await expect(other.find(key('A0'))).rejects.toMatchObject({ code: 'postgres_unavailable' });
    await fixture.ledger.start();
  });

  it('do not start without a server', async () => {
    const connectionString = `postgresql://postgres@127.0.0.1:${await freePort()}/postgres`;
    await expect(new Ledger(postgres({ connectionString })).start()).rejects.toMatchObject({
      code: 'postgres_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const pool = openPool({ connectionString });
    await expect(new Ledger(postgres({ pool })).start()).rejects.toMatchObject({ code: 'postgres_unavailable' });
    await pool.end();
  });
});
