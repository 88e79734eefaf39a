import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';

let emulator: WanPayEmulator;
let example: ChildProcess;
let url: string;

beforeAll(async () => {
  emulator = await startWanPayEmulator();
  url = `http://127.0.0.1:${await freePort()}`;
  example = spawn(process.execPath, ['example/dist/main.js'], {
    env: {
      ...process.env,
      DATABASE_URL: await createDatabase(),
      PORT: new URL(url).port,
      WANPAY_MERCHANT_NO: emulator.merchant.merchantNo,
      WANPAY_KEY: emulator.merchant.key,
      WANPAY_BASE_URL: emulator.baseUrl,
      WANPAY_PUBLIC_URL: url,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(() => fetch(url).then(Boolean, () => false));
}, 30_000);

afterAll(async () => {
  const ended = once(example, 'exit');
  example.kill('SIGTERM');
  await ended;
  await emulator.close();
});

it('apps/examples/prisma writes the order and its parcel once', async () => {
  const order = async () => (await fetch(`${url}/orders/ORDER1`)).json() as Promise<{ readonly parcels: number }>;
  const placed = await fetch(`${url}/orders/ORDER1`, { method: 'POST' });
  expect(await placed.json()).toEqual({ payTo: expect.stringMatching(/^\d{3}-\d{14}$/) });
  expect(await order()).toEqual({ no: 'ORDER1', amount: 1280, paidAt: null, parcels: 0 });
  await emulator.pay('ORDER1');
  await emulator.resend('ORDER1');
  await until(async () => (await order()).parcels > 0);
  expect(await order()).toEqual({ no: 'ORDER1', amount: 1280, paidAt: expect.any(String), parcels: 1 });
});

/** One of its own: the tests of transactions have other handlers. */
async function createDatabase(): Promise<string> {
  const { DATABASE_URL = '' } = process.env;
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  const name = `example_${process.pid}`;
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(DATABASE_URL), { pathname: `/${name}` }).href;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('Timed out waiting for the example.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
