import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import type pg from 'pg';
import { between, until } from '../crash/chance.js';
import { tally } from '../crash/tally.js';
import { ACCOUNT, key, opening, report } from '../ledger/payments.js';
import { openPool } from '../ledger/postgres-fixture.js';
import { Child } from '../processes/child.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { schemaOf, SHIPMENTS, TOOL_NAMES, type ToolName } from './tool.js';

const IS_LONG = process.env.CRASH === 'long';
const ORDERS = IS_LONG ? 200 : 12;
const KILLS = IS_LONG ? 10 : 1;

let address: string;
let pool: pg.Pool;
beforeAll(async () => {
  address = await createDatabase();
  pool = openPool({ connectionString: address });
  await pool.query(SHIPMENTS);
});
afterAll(() => pool.end());

it('each handler writes exactly once with its tool, however often its process is killed', async () => {
  const orders = await Promise.all(TOOL_NAMES.map((name, i) => payAll(name, String.fromCharCode(65 + i))));
  const all = orders.flat();
  let workers = startWorkers();
  for (let kills = 0; kills < KILLS; kills += 1) {
    await Promise.all(workers.map((worker) => worker.prints(/ready/)));
    const least = (await shipped()).length + between(1, Math.ceil(all.length / KILLS / 2));
    await until(async () => (await shipped()).length >= least);
    await kill(workers);
    workers = startWorkers();
  }
  try {
    await until(async () => (await shipped()).length >= all.length);
    await until(async () => (await pending()) === 0);
  } finally {
    await kill(workers);
  }
  expect(tally(all, await shipped())).toEqual({ effects: all.length, missing: 0, doubled: 0 });
}, 120_000);

function startWorkers(): readonly Child[] {
  return [
    new Child(pathOf('./worker.ts'), { NODE_OPTIONS: '--import tsx' }, [address]),
    new Child(pathOf('./cls-worker.js'), {}, [address]),
  ];
}

async function kill(workers: readonly Child[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

/** Opens and pays orders in a tool's ledger, before any handler is known there. */
async function payAll(name: ToolName, letter: string): Promise<readonly string[]> {
  const ledger = new Ledger(postgres({ pool, schema: schemaOf(name) }));
  await ledger.start();
  const numbers = Array.from({ length: ORDERS }, (_, i) => `${letter}${i}`);
  await Promise.all(
    numbers.map(async (orderNo) => {
      await ledger.open(opening(orderNo));
      await ledger.issue(key(orderNo), ACCOUNT, new Date());
      await ledger.settle({ ...report(orderNo), now: new Date() });
    }),
  );
  await ledger.stop();
  return numbers;
}

async function shipped(): Promise<readonly string[]> {
  const { rows } = await pool.query<{ order_no: string }>('select order_no from shipments');
  return rows.map((row) => row.order_no);
}

/** How many deliveries are not done. */
async function pending(): Promise<number> {
  const counts = TOOL_NAMES.map(
    (name) => `select 1 from ${schemaOf(name)}.wanpay_deliveries where state <> 'delivered'`,
  );
  return (await pool.query(counts.join(' union all '))).rows.length;
}
