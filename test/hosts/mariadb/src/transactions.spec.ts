import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { type ClaimedDelivery, Ledger } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import { TransactionsElsewhereError } from 'nestjs-wanpay/transactions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHIPMENTS, type Tool, TOOLS } from './tools.js';

const SERVER = process.env.DATABASE_URL ?? '';
const SHIP = { handler: 'Shipping.ship', type: 'atm.paid' } as const;
const MERCHANT_NO = '21008024';
const NOW = new Date();
const LATER = new Date(NOW.getTime() + 60_000);
const ORDERS = Array.from({ length: 40 }, (_, i) => `K${i}`);
const KILLS = 5;

type Work = (client: unknown) => unknown;

describe.each(Object.entries(TOOLS))('a transactional handler in MariaDB with %s', (name, open) => {
  let uri: string;
  let pool: Pool;
  let tool: Tool;
  let ledger: Ledger;

  beforeAll(async () => {
    uri = await createDatabase();
    pool = createPool({ uri });
    await pool.query(SHIPMENTS);
    tool = await open(uri);
    ledger = new Ledger(mysql({ uri, transactions: tool.transactions }));
    await ledger.start();
    await ledger.deliveries.subscribe([SHIP], NOW, NOW);
  });
  afterAll(async () => {
    await ledger.stop();
    await tool.close();
    await pool.end();
  });

  it('commits its own rows together with the mark that it is done', async () => {
    const delivery = await pay('COMMIT');
    expect(await handle(delivery, (client) => tool.insert(client, 'COMMIT'))).toBe(true);
    expect(await shipped()).toEqual(['COMMIT']);
    expect(await stateOf('COMMIT')).toBe('delivered');
  });

  it('loses its own rows together with the mark when it fails', async () => {
    const delivery = await pay('FAIL');
    const failing = handle(delivery, async (client) => {
      await tool.insert(client, 'FAIL');
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
    expect(await shipped()).toEqual([]);
    expect(await stateOf('FAIL')).toBe('running');
    await ledger.deliveries.succeed(delivery, NOW);
  });

  it('is given up when it takes too long, also while the database makes it wait, and writes nothing late', async () => {
    const delivery = await pay('LATE');
    const overdue = new AbortController();
    const late: Promise<unknown>[] = [];
    const work: Work = (client) => {
      const working = (async () => {
        await tool.insert(client, 'LATE');
        overdue.abort(new Error('It took too long.'));
        await tool.sleep(client, 60).catch(() => undefined);
        await tool.insert(client, 'LATE');
      })();
      late.push(working);
      return working;
    };
    await expect(handle(delivery, work, overdue.signal)).rejects.toThrow('It took too long.');
    await Promise.allSettled(late);
    expect(await shipped()).toEqual([]);
    expect(await handle(delivery, (client) => tool.insert(client, 'AGAIN'))).toBe(true);
    expect(await shipped()).toEqual(['AGAIN']);
  });

  it('keeps no connection when it never ends, where its clients end with their transaction', async () => {
    const delivery = await pay('HUNG');
    for (let times = 0; tool.transactions.clientsEnd && times < 12; times += 1) {
      const overdue = new AbortController();
      const hung = handle(delivery, (client) => hang(client, overdue), overdue.signal);
      await expect(hung).rejects.toThrow('It hangs.');
    }
    expect(await handle(delivery, (client) => tool.insert(client, 'HUNG'))).toBe(true);
    expect(await shipped()).toEqual(['HUNG']);
  });

  it('is refused at start where the tool is connected to another database', async () => {
    const misled = new Ledger(mysql({ uri: await createDatabase(), transactions: tool.transactions }));
    await expect(misled.start()).rejects.toBeInstanceOf(TransactionsElsewhereError);
  });

  it('writes exactly once, however often its process is killed', async () => {
    for (const orderNo of ORDERS) await settle(orderNo);
    for (let kills = 0; kills <= KILLS; kills += 1) {
      const worker = startWorker(uri, name);
      const ended = once(worker, 'exit');
      const enough = kills === KILLS ? ORDERS.length : Math.ceil((ORDERS.length * (kills + 1)) / (KILLS + 2));
      try {
        await until(async () => (await count('shipments')) >= enough);
        if (kills === KILLS)
          await until(async () => (await count("wanpay_deliveries WHERE state <> 'delivered'")) === 0);
      } finally {
        worker.kill('SIGKILL');
        await ended;
      }
    }
    expect([...(await shipped())].sort()).toEqual([...ORDERS].sort());
  }, 60_000);

  function handle(delivery: ClaimedDelivery, run: Work, signal = new AbortController().signal): Promise<boolean> {
    return ledger.deliveries.transact(delivery, NOW, { run, signal });
  }

  async function hang(client: unknown, overdue: AbortController): Promise<never> {
    await tool.insert(client, 'NEVER');
    overdue.abort(new Error('It hangs.'));
    return new Promise<never>(() => undefined);
  }

  /** What was shipped since the last time. */
  async function shipped(): Promise<readonly string[]> {
    const [rows] = await pool.query<RowDataPacket[]>('SELECT order_no FROM shipments ORDER BY id');
    await pool.query('DELETE FROM shipments');
    return rows.map((row) => String(row.order_no));
  }

  async function count(what: string): Promise<number> {
    const [rows] = await pool.query<RowDataPacket[]>(`SELECT COUNT(*) AS count FROM ${what}`);
    return Number(rows[0]?.count);
  }

  /** Pays an order and claims its delivery. */
  async function pay(orderNo: string): Promise<ClaimedDelivery> {
    await settle(orderNo);
    const claim = { subscriptions: [SHIP], now: NOW, leaseUntil: LATER, limit: 1 };
    const [delivery] = (await ledger.deliveries.claim(claim)).deliveries;
    if (!delivery) throw new Error('Nothing is due.');
    return delivery;
  }

  async function settle(orderNo: string): Promise<void> {
    const key = { merchantNo: MERCHANT_NO, orderNo };
    const account = { number: '46710722851832', bankCode: '013', bankName: '國泰世華商業銀行', expiresAt: LATER };
    const rest = { branchCode: '2022', branchName: '大昌分行', holder: '旺沛大數位股份有限公司' };
    const times = { createdAt: NOW, updatedAt: NOW };
    await ledger.open({ ...key, amount: 1280, livemode: false, state: 'opening', ...times });
    await ledger.issue(key, { ...account, ...rest }, NOW);
    const outcome = { status: 'paid', code: '0000', reportedAmount: '128000' } as const;
    await ledger.settle({ ...key, livemode: false, outcome, source: 'notification', now: NOW });
  }

  async function stateOf(orderNo: string): Promise<string | undefined> {
    const timeline = await ledger.timeline({ merchantNo: MERCHANT_NO, orderNo });
    return timeline.flatMap((entry) => (entry.kind === 'event' ? entry.deliveries : []))[0]?.state;
  }
});

/** One for each tool, on the server of the address. */
async function createDatabase(): Promise<string> {
  const pool = createPool({ uri: SERVER });
  const name = `tool_${Date.now()}_${Math.random().toString(36).slice(2)}`;
  await pool.query(`CREATE DATABASE ${name}`);
  await pool.end();
  return Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
}

/** The application as it was built, without its server. */
function startWorker(uri: string, tool: string): ChildProcess {
  return spawn(process.execPath, ['dist/worker.js', uri, tool], { stdio: 'inherit' });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('Timed out waiting for the worker.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
