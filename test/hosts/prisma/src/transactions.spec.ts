import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PrismaPg } from '@prisma/adapter-pg';
import { type ClaimedDelivery, Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { prismaTransactions, TransactionsElsewhereError } from 'nestjs-wanpay/transactions';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Prisma, PrismaClient } from './generated/client.js';

const connectionString = process.env.DATABASE_URL ?? '';
const SHIP = { handler: 'Shipping.ship', type: 'atm.paid' } as const;
const MERCHANT_NO = '21008024';
const NOW = new Date();
const LATER = new Date(NOW.getTime() + 60_000);
const ORDERS = Array.from({ length: 40 }, (_, i) => `K${i}`);
const KILLS = 5;

type Work = (transaction: Prisma.TransactionClient) => unknown;

let prisma: PrismaClient;
let ledger: Ledger;

beforeAll(async () => {
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS shipments (id serial PRIMARY KEY, order_no text NOT NULL)`;
});
beforeEach(async () => {
  await prisma.shipment.deleteMany();
  ledger = new Ledger(postgres({ connectionString, transactions: prismaTransactions(prisma) }));
  await ledger.start();
  await ledger.deliveries.subscribe([SHIP], NOW, NOW);
});
afterEach(() => ledger.stop());
afterAll(() => prisma.$disconnect());

describe('a transactional handler with Prisma', () => {
  it('commits its own rows together with the mark that it is done', async () => {
    const delivery = await pay('COMMIT');
    expect(await handle(delivery, (transaction) => ship(transaction, 'COMMIT'))).toBe(true);
    expect(await shipped()).toEqual(['COMMIT']);
    expect(await stateOf('COMMIT')).toBe('delivered');
  });

  it('loses its own rows together with the mark when it fails', async () => {
    const delivery = await pay('FAIL');
    const failing = handle(delivery, async (transaction) => {
      await ship(transaction, 'FAIL');
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
    expect(await shipped()).toEqual([]);
    expect(await stateOf('FAIL')).toBe('running');
  });

  it('is given up when it takes too long, also while the database makes it wait, and writes nothing late', async () => {
    const delivery = await pay('LATE');
    const overdue = new AbortController();
    const late: Promise<unknown>[] = [];
    const work: Work = (transaction) => {
      const working = (async () => {
        await ship(transaction, 'LATE');
        overdue.abort(new Error('It took too long.'));
        await transaction.$queryRaw`SELECT pg_sleep(60)`.catch(() => undefined);
        await ship(transaction, 'LATE');
      })();
      late.push(working);
      return working;
    };
    await expect(handle(delivery, work, overdue.signal)).rejects.toThrow('It took too long.');
    await Promise.allSettled(late);
    expect(await shipped()).toEqual([]);
    expect(await handle(delivery, (transaction) => ship(transaction, 'AGAIN'))).toBe(true);
    expect(await shipped()).toEqual(['AGAIN']);
  });

  it('keeps no connection when it never ends', async () => {
    const delivery = await pay('HUNG');
    for (let times = 0; times < 12; times += 1) {
      const overdue = new AbortController();
      const hung = handle(delivery, (transaction) => hang(transaction, overdue), overdue.signal);
      await expect(hung).rejects.toThrow('It hangs.');
    }
    expect(await handle(delivery, (transaction) => ship(transaction, 'HUNG'))).toBe(true);
    expect(await shipped()).toEqual(['HUNG']);
  });
});

it('a ledger does not start with transactions of Prisma in another database', async () => {
  const other = new PrismaClient({ adapter: new PrismaPg({ connectionString: elsewhere() }) });
  const misled = new Ledger(postgres({ connectionString, transactions: prismaTransactions(other) }));
  await expect(misled.start()).rejects.toBeInstanceOf(TransactionsElsewhereError);
  await other.$disconnect();
});

it('a handler writes exactly once with Prisma, however often its process is killed', async () => {
  for (const orderNo of ORDERS) await settle(orderNo);
  for (let kills = 0; kills <= KILLS; kills += 1) {
    const worker = startWorker();
    const enough = kills === KILLS ? ORDERS.length : Math.ceil((ORDERS.length * (kills + 1)) / (KILLS + 2));
    await until(async () => (await shipped()).length >= enough);
    if (kills === KILLS) await until(async () => (await pending()) === 0);
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
  }
  expect([...(await shipped())].sort()).toEqual([...ORDERS].sort());
}, 60_000);

function handle(delivery: ClaimedDelivery, run: Work, signal = new AbortController().signal): Promise<boolean> {
  return ledger.deliveries.transact(delivery, NOW, { run: run as (client: unknown) => unknown, signal });
}

async function hang(transaction: Prisma.TransactionClient, overdue: AbortController): Promise<never> {
  await ship(transaction, 'NEVER');
  overdue.abort(new Error('It hangs.'));
  return new Promise<never>(() => undefined);
}

function ship(transaction: Prisma.TransactionClient, orderNo: string): Promise<unknown> {
  return transaction.shipment.create({ data: { orderNo } });
}

async function shipped(): Promise<readonly string[]> {
  return (await prisma.shipment.findMany({ orderBy: { id: 'asc' } })).map(({ orderNo }) => orderNo);
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

async function pending(): Promise<number> {
  return (await ledger.deliveries.list({ state: 'pending' }, new Date())).deliveries.length;
}

/** The application as it was built, without its server. */
function startWorker(): ChildProcess {
  const settings = { WANPAY_MERCHANT_NO: MERCHANT_NO, WANPAY_KEY: 'a key', WANPAY_PUBLIC_URL: 'http://127.0.0.1' };
  return spawn(process.execPath, ['dist/worker.js'], { env: { ...process.env, ...settings }, stdio: 'inherit' });
}

/** The database that every server has. */
function elsewhere(): string {
  return Object.assign(new URL(connectionString), { pathname: '/postgres' }).href;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('Timed out waiting for the worker.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
