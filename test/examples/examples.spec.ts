import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { AppModule as BullMqModule } from '../../apps/examples/bullmq/src/app.module.js';
import { AppModule as KeyVaultModule } from '../../apps/examples/key-vault/src/app.module.js';
import { AppModule as MinimalModule } from '../../apps/examples/minimal/src/app.module.js';
import { AppModule as TypeOrmModule } from '../../apps/examples/typeorm/src/app.module.js';
import { WebModule } from '../../apps/examples/web-and-worker/src/web.module.js';
import { WorkerModule } from '../../apps/examples/web-and-worker/src/worker.module.js';
import { afterTest, forAllTests } from '../e2e/after-test.js';
import { until } from '../e2e/until.js';
import { RedisServer } from '../servers/redis.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { post, startExample, startWorker } from './example.js';

const ACCOUNT = { payTo: expect.stringMatching(/^\d{3}-\d{14}$/) };

let emulator: WanPayEmulator;
beforeAll(async () => {
  emulator = await forAllTests(async () => {
    const started = await startWanPayEmulator();
    afterTest(() => started.close());
    return started;
  });
});

it('minimal: an order is paid, and the handler says so in the log', async () => {
  const { url, log } = await startExample(MinimalModule, emulator);
  expect(await post(`${url}/checkout/MINIMAL1`)).toMatchObject({ ...ACCOUNT, amount: 1280 });
  await emulator.pay('MINIMAL1');
  await until(() => log.text.includes('NT$ 1280 came: a test payment'), 'the handler is called');
});

it('typeorm: the order and its parcel are written once, in the transaction of the delivery', async () => {
  const { url } = await startExample(TypeOrmModule, emulator, { DATABASE_URL: await createDatabase() });
  const order = async (): Promise<unknown> => (await fetch(`${url}/orders/TYPEORM1`)).json();
  expect(await post(`${url}/orders/TYPEORM1`)).toEqual(ACCOUNT);
  expect(await order()).toEqual({ no: 'TYPEORM1', amount: 1280, paidAt: null, parcels: 0 });
  await emulator.pay('TYPEORM1');
  await emulator.resend('TYPEORM1');
  const paid = { no: 'TYPEORM1', amount: 1280, paidAt: expect.any(String), parcels: 1 };
  await until(async () => JSON.stringify(await order()).includes('"parcels":1'), 'the parcel is written down');
  expect(await order()).toEqual(paid);
});

it('web-and-worker: the web process records what the worker handles, also when the worker comes later', async () => {
  const variables = { DATABASE_URL: await createDatabase() };
  const web = await startExample(WebModule, emulator, variables);
  await post(`${web.url}/checkout/WORKER1`);
  await emulator.pay('WORKER1');
  expect(emulator.notifications().at(-1)).toMatchObject({ fields: { out_trade_no: 'WORKER1' }, acknowledged: true });
  const log = await startWorker(WorkerModule, emulator, variables);
  await until(() => log.text.includes('Order WORKER1 is paid (attempt 1'), 'the worker handles it');
  expect(web.log.text).not.toContain('is paid');
});

it('bullmq: one of two processes handles an event, and sweeps have one schedule', async () => {
  const redis = await RedisServer.start();
  afterTest(() => redis.stop());
  const variables = {
    DATABASE_URL: await createDatabase(),
    REDIS_URL: `redis://${redis.connection.host}:${redis.connection.port}`,
  };
  const first = await startExample(BullMqModule, emulator, variables);
  const second = await startExample(BullMqModule, emulator, variables);
  await post(`${first.url}/checkout/BULLMQ1`);
  await emulator.pay('BULLMQ1');
  const lines = (): string[] =>
    [...first.log.lines, ...second.log.lines].filter((line) => line.includes('Order BULLMQ1 is paid'));
  await until(() => lines().length > 0, 'the event is handled');
  expect(lines()).toHaveLength(1);
  const queue = new Queue('wanpay', { connection: redis.connection });
  afterTest(() => queue.close());
  expect(await queue.getJobSchedulers()).toHaveLength(1);
});

it('key-vault: merchants are paid with keys from the vault, before, while and after a key is rotated', async () => {
  const merchants = ['6000001', '6000002'].map((merchantNo) => ({ merchantNo, key: `the first key of ${merchantNo}` }));
  const platform = await startWanPayEmulator({ merchants });
  afterTest(() => platform.close());
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-keys-'));
  afterTest(() => rm(folder, { recursive: true }));
  for (const { merchantNo, key } of merchants) await writeFile(join(folder, merchantNo), `${key}\n`);
  const { url, log } = await startExample(KeyVaultModule, platform, { KEY_FOLDER: folder });

  const pay = async (merchantNo: string, orderNo: string): Promise<void> => {
    expect(await post(`${url}/merchants/${merchantNo}/checkout/${orderNo}`)).toEqual(ACCOUNT);
    await platform.pay(orderNo, { merchantNo });
    const line = `Merchant ${merchantNo} gets NT$ 1280 for order ${orderNo}`;
    await until(() => log.text.includes(line), 'the merchant is credited');
  };
  await pay('6000001', 'A1');
  await pay('6000002', 'A1');

  const [{ merchantNo, key } = { merchantNo: '', key: '' }] = merchants;
  await writeFile(join(folder, merchantNo), `the second key\n${key}\n`);
  platform.merchants.addKey(merchantNo, 'the second key');
  await pay(merchantNo, 'A2');
  await writeFile(join(folder, merchantNo), 'the second key\n');
  await pay(merchantNo, 'A3');
  expect((await fetch(`${url}/merchants/6000003/checkout/A1`, { method: 'POST' })).ok).toBe(false);
});
