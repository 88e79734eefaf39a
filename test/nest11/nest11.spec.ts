import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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
  const [, orderNo = ''] = await child.prints(/\{"opened":"(\w+)"\}/);

  await emulator.pay(orderNo);
  await child.prints(new RegExp(`{"paid":"${orderNo}"}`));
}, 60_000);
