import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';
import { ACCOUNT, FAILED, key, later, opening, report, START } from '../ledger/payments.js';
import { openPool } from '../ledger/postgres-fixture.js';
import { PostgresServer } from '../servers/postgres.js';
import { until } from './chance.js';

const ORDERS = Array.from({ length: 2000 }, (_, i) => `A${i}`);
const AT_ONCE = 16;

const PAID = { handler: 'Shipping.ship', type: 'atm.paid' } as const;

let primary: PostgresServer;
let replica: PostgresServer;
let front: Front;
let ledger: Ledger;
let pool: pg.Pool;

beforeEach(async () => {
  primary = await PostgresServer.start();
  replica = await primary.replicate();
  await inDatabase(primary, `ALTER SYSTEM SET synchronous_standby_names = 'replica'`);
  await inDatabase(primary, 'SELECT pg_reload_conf()');
  front = await Front.start(primary.port);
  pool = openPool({ connectionString: front.address });
  ledger = new Ledger(postgres({ pool }));
  await ledger.start();
  await ledger.deliveries.subscribe([PAID], START, START);
  await Promise.all(ORDERS.map((orderNo) => ledger.open(opening(orderNo))));
  await Promise.all(ORDERS.map((orderNo) => ledger.issue(key(orderNo), ACCOUNT, START)));
});
afterEach(async () => {
  await ledger.stop();
  await pool.end();
  await front.stop();
  await Promise.all([primary.stop(), replica.stop()]);
});

it('a ledger whose server fails over acknowledges nothing that is lost, and goes on by itself', async () => {
  const acknowledged = new Set<string>();
  const refused = new Set<string>();
  const left = ORDERS.values();
  const settling = Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const orderNo of left) {
        const isDone = await settle(orderNo);
        (isDone ? acknowledged : refused).add(orderNo);
      }
    }),
  );
  await until(() => Promise.resolve(acknowledged.size > ORDERS.length / 4));
  await primary.kill();
  front.leadTo(replica.port);
  // Still read-only: it answers, and takes nothing.
  await expect(ledger.settle(report('NONE', FAILED))).rejects.toMatchObject({ code: 'postgres_unavailable' });
  await expect(ledger.find(key('A0'))).resolves.toBeDefined();
  await settling;
  expect(refused.size).toBeGreaterThan(0);
  await inDatabase(replica, 'SELECT pg_promote()');

  // The platform repeats what was not acknowledged.
  for (const orderNo of refused) await until(() => settle(orderNo));
  const found = await Promise.all(ORDERS.map(async (orderNo) => [orderNo, (await ledger.find(key(orderNo)))?.state]));
  expect(found.filter(([, state]) => state !== 'paid')).toEqual([]);
  const { rows } = await inDatabase(
    replica,
    `SELECT (SELECT count(*) FROM wanpay.wanpay_events WHERE type = 'atm.paid') AS events,
      (SELECT count(*) FROM wanpay.wanpay_deliveries WHERE state = 'pending') AS deliveries`,
  );
  expect(rows).toEqual([{ events: String(ORDERS.length), deliveries: String(ORDERS.length) }]);
});

it('a transaction that finds its server read-only leaves that connection, and finds the other server with the next', async () => {
  await ledger.stop();
  await pool.end();
  pool = openPool({ connectionString: front.address, max: 1 });
  ledger = new Ledger(postgres({ pool }));
  await ledger.start();
  await settle('A0');
  const claim = { subscriptions: [PAID], now: later(2), leaseUntil: later(60), limit: 1 };
  const [delivery] = (await ledger.deliveries.claim(claim)).deliveries;
  if (!delivery) throw new Error('Nothing is due.');
  const { signal } = new AbortController();
  const ship = (): Promise<boolean> =>
    ledger.deliveries.transact(delivery, later(2), { run: () => undefined, signal }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'postgres_unavailable' });
      return false;
    });
  // As a primary that was made a replica, but for its connections, which a pooler may keep.
  await inDatabase(primary, 'ALTER SYSTEM SET default_transaction_read_only = on');
  await inDatabase(primary, 'SELECT pg_reload_conf()');
  const isReadOnly = 'SELECT current_setting($1)::boolean AS is_so';
  await until(async () => {
    const { rows } = await pool.query<{ is_so: boolean }>(isReadOnly, ['transaction_read_only']);
    return rows[0]?.is_so === true;
  });
  await inDatabase(replica, 'SELECT pg_promote()');
  front.leadTo(replica.port, 'new connections');
  expect(await ship()).toBe(false);
  expect(await ship()).toBe(true);
});

/** Whether it was acknowledged. */
function settle(orderNo: string): Promise<boolean> {
  return ledger.settle(report(orderNo)).then(
    () => true,
    (error: unknown) => !isUnavailable(error) && Promise.reject(error as Error),
  );
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'postgres_unavailable';
}

async function inDatabase(server: PostgresServer, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The address that stays: it leads to whichever server is the primary, as a name or a virtual address does. */
class Front {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private port: number,
  ) {}

  static async start(port: number): Promise<Front> {
    const server = createServer((socket) => {
      front.pass(socket);
    });
    const front = new Front(server, port);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get address(): string {
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('It does not listen.');
    return `postgresql://postgres@127.0.0.1:${address.port}/postgres`;
  }

  /** Leads elsewhere from now on; the connections that there are end, unless only new ones are meant. */
  leadTo(port: number, which: 'all' | 'new connections' = 'all'): void {
    this.port = port;
    if (which === 'all') for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(socket: Socket): void {
    const target = connect(this.port, '127.0.0.1');
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
