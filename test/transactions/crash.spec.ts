import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { between, until } from '../crash/chance.js';
import { tally } from '../crash/tally.js';
import type { LedgerFixture } from '../ledger/ledger-fixture.js';
import { MysqlFixture } from '../ledger/mysql-fixture.js';
import { ACCOUNT, key, opening, report } from '../ledger/payments.js';
import { PostgresFixture } from '../ledger/postgres-fixture.js';
import { Child } from '../processes/child.js';
import { type Compiled, compile } from '../processes/compiled.js';
import { postgres } from 'nestjs-wanpay/postgres';
import { schemaOf, SHIPMENTS, TOOL_NAMES, type ToolName } from './tool.js';

const IS_LONG = process.env.CRASH === 'long';
const ORDERS = IS_LONG ? 200 : 12;
const KILLS = IS_LONG ? 10 : 1;

let worker: Compiled;
beforeAll(async () => {
  worker = await compile(pathOf('./worker.ts'));
});
afterAll(() => worker.remove());

it('each handler writes exactly once with its tool, however often its process is killed', async () => {
  const fixture = await PostgresFixture.open();
  const inSchema = async (name: ToolName, i: number): Promise<readonly string[]> => {
    const ledger = new Ledger(postgres({ pool: fixture.pool, schema: schemaOf(name) }));
    await ledger.start();
    const orders = await payAll(ledger, String.fromCharCode(65 + i));
    await ledger.stop();
    return orders;
  };
  const orders = (await Promise.all(TOOL_NAMES.map(inSchema))).flat();
  const tables = TOOL_NAMES.map((name) => `${schemaOf(name)}.wanpay_deliveries`);
  const start = (): readonly Child[] => [
    startWorker(fixture),
    new Child(pathOf('./cls-worker.js'), {}, [fixture.address]),
  ];
  await killAgainAndAgain(fixture, orders, tables, start);
}, 120_000);

it('so does a handler with TypeORM on MariaDB', async () => {
  const fixture = await MysqlFixture.open();
  const orders = await payAll(fixture.ledger, 'A');
  await killAgainAndAgain(fixture, orders, ['wanpay_deliveries'], () => [startWorker(fixture)]);
}, 120_000);

async function killAgainAndAgain(
  fixture: LedgerFixture,
  orders: readonly string[],
  tables: readonly string[],
  start: () => readonly Child[],
): Promise<void> {
  await fixture.rows(SHIPMENTS);
  const shipped = async (): Promise<readonly string[]> =>
    (await fixture.rows('select order_no from shipments')).map((row) => String(row.order_no));
  const unfinished = tables.map((table) => `select 1 from ${table} where state <> 'delivered'`).join(' union all ');
  let workers = start();
  for (let kills = 0; kills < KILLS; kills += 1) {
    await Promise.all(workers.map((worker) => worker.prints(/ready/)));
    const least = (await shipped()).length + between(1, Math.ceil(orders.length / KILLS / 2));
    await until(async () => (await shipped()).length >= least);
    await kill(workers);
    workers = start();
  }
  try {
    await until(async () => (await shipped()).length >= orders.length);
    await until(async () => (await fixture.rows(unfinished)).length === 0);
  } finally {
    await kill(workers);
  }
  expect(tally(orders, await shipped())).toEqual({ effects: orders.length, missing: 0, doubled: 0 });
  await fixture.close();
}

function startWorker({ address }: LedgerFixture): Child {
  return new Child(worker.path, {}, [address]);
}

async function kill(workers: readonly Child[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

/** Opens and pays orders, before any handler is known. */
async function payAll(ledger: Ledger, letter: string): Promise<readonly string[]> {
  const numbers = Array.from({ length: ORDERS }, (_, i) => `${letter}${i}`);
  await Promise.all(
    numbers.map(async (orderNo) => {
      await ledger.open(opening(orderNo));
      await ledger.issue(key(orderNo), ACCOUNT, new Date());
      await ledger.settle({ ...report(orderNo), now: new Date() });
    }),
  );
  return numbers;
}
