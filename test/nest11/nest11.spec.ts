import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { signNotification } from 'nestjs-wanpay/protocol';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const library = join(here, '..', '..', 'libs', 'wanpay');
/** Below this folder's node_modules, so that the packed module finds Nest 11 there, as it would in a host's. */
const host = join(here, 'host');
const installed = join(host, 'node_modules', 'nestjs-wanpay');

let emulator: WanPayEmulator;
let child: Child | undefined;

beforeAll(async () => {
  emulator = await startWanPayEmulator();
  await rm(host, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
});

afterAll(async () => {
  await child?.stop();
  await emulator.close();
  await rm(host, { recursive: true, force: true });
});

it('works as packed for npm, required by a CommonJS host on Nest 11', async () => {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', host], { cwd: library });
  const packed = (await readdir(host)).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', join(host, packed), '-C', installed, '--strip-components=1']);
  await copyFile(join(here, 'host.cjs'), join(host, 'host.cjs'));

  const port = await freePort();
  child = new Child(join(host, 'host.cjs'), {
    PORT: String(port),
    WANPAY_MERCHANT_NO: emulator.merchant.merchantNo,
    WANPAY_KEY: emulator.merchant.key,
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
  const [, version] = await child.prints(/\{"nest":"(\d+)\./);
  expect(version).toBe('11');
  await child.prints(/\{"opened":"MULTIPART"\}/);

  await emulator.pay('FORM');
  await child.prints(/\{"paid":"FORM"\}/);

  const { notificationUrl = '' } = emulator.order('MULTIPART');
  expect(notificationUrl).toBe(`http://127.0.0.1:${port}/api/payments/wanpay/notifications`);
  const fields = {
    orgno: emulator.merchant.merchantNo,
    out_trade_no: 'MULTIPART',
    status: '0000',
    total_fee: '128000',
  };
  const body = new FormData();
  for (const [name, value] of Object.entries(signNotification(fields, emulator.merchant.key))) body.append(name, value);
  const reply = await fetch(notificationUrl, { method: 'POST', body });
  expect(await reply.text()).toBe('success');
  await child.prints(/\{"paid":"MULTIPART"\}/);
}, 60_000);
