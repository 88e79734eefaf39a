import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { answers, Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';
import { codeBlocks, compile, ROOT } from './readme-project.js';

const here = dirname(fileURLToPath(import.meta.url));
/** Within the project, so that the packages resolve as they would for a user. */
const project = join(here, 'quick-start');

let emulator: WanPayEmulator;
let host: Child | undefined;

beforeAll(async () => {
  emulator = await startWanPayEmulator();
});

afterAll(async () => {
  await host?.stop();
  await emulator.close();
  await rm(project, { recursive: true, force: true });
});

it('runs as the README shows it: configure, import, create, handle', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const files = codeBlocks(readme, 'ts');
  expect(Object.keys(files)).toEqual([
    'src/app.module.ts',
    'src/checkout.controller.ts',
    'src/shipping.ts',
    'src/main.ts',
  ]);
  expect(await compile(project, files)).toEqual([]);

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  host = new Child(join(project, 'dist', 'main.js'), {
    ...dotenv(readme),
    PORT: String(port),
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: url,
  });
  await answers(url);

  const reply = await fetch(`${url}/checkout/ORDER1`, { method: 'POST' });
  expect(await reply.json()).toMatchObject({ payTo: expect.stringMatching(/^013-\d{14}$/), amount: 1280 });

  await emulator.pay('ORDER1');
  await host.prints(/NT\$ 1280 came: a test payment, so ship nothing for order ORDER1/);
}, 60_000);

function dotenv(markdown: string): Record<string, string> {
  const block = /```dotenv\n(.*?)```/s.exec(markdown)?.[1] ?? '';
  return Object.fromEntries([...block.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
