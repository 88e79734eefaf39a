import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { answers, Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';
import { codeBlocks, compile, ROOT } from './readme-project.js';

/** Within the workspace, so that the packages resolve as they would for a user. */
const ES_PROJECT = join(ROOT, 'test/readme/quick-start');
/** Below the folder that has Nest 11 installed. */
const COMMON_JS_PROJECT = join(ROOT, 'test/nest11/quick-start');
const FILES = ['src/app.module.ts', 'src/checkout.controller.ts', 'src/shipping.ts', 'src/main.ts'];

let readme: string;
let emulator: WanPayEmulator;
let host: Child | undefined;

beforeAll(async () => {
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  emulator = await startWanPayEmulator();
});

afterEach(async () => {
  await host?.stop();
  for (const project of [ES_PROJECT, COMMON_JS_PROJECT]) await rm(project, { recursive: true, force: true });
});

afterAll(() => emulator.close());

it('runs as the README shows it: configure, import, create, handle', async () => {
  const [esModules = ''] = readme.split('### In a CommonJS project');
  const files = codeBlocks(esModules, 'ts');
  expect(Object.keys(files)).toEqual(FILES);
  expect(await compile(ES_PROJECT, files)).toEqual([]);
  await takesAnOrderToItsHandler(ES_PROJECT, 'ORDER1');
}, 60_000);

it('runs on Nest 11 in CommonJS, with the two files that differ there', async () => {
  const files = codeBlocks(readme, 'ts');
  expect(Object.keys(files)).toEqual(FILES);
  await installLibrary(COMMON_JS_PROJECT);
  await writeFile(join(COMMON_JS_PROJECT, 'package.json'), '{}');
  expect(await compile(COMMON_JS_PROJECT, files, { verbatimModuleSyntax: false })).toEqual([]);
  expect(await readFile(join(COMMON_JS_PROJECT, 'dist/main.js'), 'utf8')).toContain('require("@nestjs/core")');
  await takesAnOrderToItsHandler(COMMON_JS_PROJECT, 'ORDER2');
}, 60_000);

it('installs on Nest 11 what the application of test/hosts has that Nest’s own generator makes', async () => {
  const manifest = await readFile(join(ROOT, 'test/hosts/nest11-cjs-nodenext/package.json'), 'utf8');
  const [, line = ''] = /^npm install nestjs-wanpay (.*@nestjs\/config@4.*)$/m.exec(readme) ?? [];
  const wanted = line.split(' ').map((name) => /^(.+?)(?:@(\d+))?$/.exec(name)?.slice(1) ?? []);
  expect(wanted.length).toBeGreaterThan(4);
  for (const [name = '', major = '\\d+'] of wanted) {
    expect(manifest).toMatch(new RegExp(`"${name}": "\\^${major}\\.`));
  }
});

async function takesAnOrderToItsHandler(project: string, orderNo: string): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  host = new Child(join(project, 'dist', 'main.js'), {
    ...dotenv(readme),
    PORT: String(port),
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: url,
  });
  await answers(url);

  const reply = await fetch(`${url}/checkout/${orderNo}`, { method: 'POST' });
  expect(await reply.json()).toMatchObject({ payTo: expect.stringMatching(/^013-\d{14}$/), amount: 1280 });

  await emulator.pay(orderNo);
  await host.prints(new RegExp(`NT\\$ 1280 came: a test payment, so ship nothing for order ${orderNo}`));
}

/** A link would lead the library to the workspace's own Nest. */
async function installLibrary(project: string): Promise<void> {
  const place = join(project, 'node_modules/nestjs-wanpay');
  await rm(project, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  for (const part of ['package.json', 'dist', 'sql']) {
    await cp(join(ROOT, 'libs/wanpay', part), join(place, part), { recursive: true });
  }
}

function dotenv(markdown: string): Record<string, string> {
  const block = /```dotenv\n(.*?)```/s.exec(markdown)?.[1] ?? '';
  return Object.fromEntries([...block.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
