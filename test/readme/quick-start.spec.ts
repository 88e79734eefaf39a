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
const IN_ANY_APPLICATION = ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'];
/** Where it is said what to install. */
const INSTALLING = ['README.md', 'libs/wanpay/README.md', 'libs/wanpay/docs/getting-started.md'];

/** What the page shows for Nest 12 on Express, and below what differs elsewhere. */
let page: string;
let files: Record<string, string>;
let emulator: WanPayEmulator;
let host: Child | undefined;

beforeAll(async () => {
  page = await readFile(join(ROOT, 'libs/wanpay/docs/getting-started.md'), 'utf8');
  files = codeBlocks(section('## 4. Write the code'), 'ts');
  emulator = await startWanPayEmulator();
});

afterEach(async () => {
  await host?.stop();
  for (const project of [ES_PROJECT, COMMON_JS_PROJECT]) await rm(project, { recursive: true, force: true });
});

afterAll(() => emulator.close());

it('runs as the page shows it, on Express and on Fastify', async () => {
  expect(Object.keys(files)).toEqual(FILES);
  const { 'src/main.ts': fastify = '' } = codeBlocks(section('## On Fastify'), 'ts');
  const { 'src/app.module.ts': sqlite = '' } = codeBlocks(section('## Keep the payments'), 'ts');
  const variants = { 'src/main.fastify.ts': fastify, 'src/app.module.sqlite.ts': sqlite };
  expect(fastify).toContain('FastifyAdapter');
  expect(sqlite).toContain('sqlite(');
  expect(await compile(ES_PROJECT, { ...files, ...variants, ...(await shortestExample()) })).toEqual([]);
  await takesAnOrderToItsHandler(ES_PROJECT, 'main.js', 'ORDER1');
  await host?.stop();
  await takesAnOrderToItsHandler(ES_PROJECT, 'main.fastify.js', 'ORDER3');
}, 60_000);

it('runs on Nest 11 in CommonJS, with the two files that differ there', async () => {
  const differing = codeBlocks(section('## On Nest 11'), 'ts');
  expect(Object.keys(differing)).toEqual(['src/app.module.ts', 'src/main.ts']);
  await installLibrary(COMMON_JS_PROJECT);
  await writeFile(join(COMMON_JS_PROJECT, 'package.json'), '{}');
  const shown = { ...files, ...differing };
  expect(await compile(COMMON_JS_PROJECT, shown, { verbatimModuleSyntax: false })).toEqual([]);
  expect(await readFile(join(COMMON_JS_PROJECT, 'dist/main.js'), 'utf8')).toContain('require("@nestjs/core")');
  await takesAnOrderToItsHandler(COMMON_JS_PROJECT, 'main.js', 'ORDER2');
}, 60_000);

it.each(INSTALLING)(
  '%s installs what the packages need, of the versions that Nest 11 and 12 have',
  async (document) => {
    const text = await readFile(join(ROOT, document), 'utf8');
    const lines = [...text.matchAll(/^npm install (?:\S*nestjs-wanpay\S* )(.*)$/gm)].map(([, line = '']) => line);
    const wanted = lines.map((line) => line.split(' ').filter((name) => !name.includes('wanpay-emulator')));
    const nest12 = await peers();
    const nest11 = nest12.map((name) => (name.startsWith('@nestjs/') ? `${name}@4` : name));
    expect(wanted.length).toBeGreaterThan(1);
    for (const names of wanted) expect([nest11, nest12]).toContainEqual(names.toSorted());
    expect(await readFile(join(ROOT, 'test/hosts/nest11-cjs-nodenext/package.json'), 'utf8')).toMatch(
      /"@nestjs\/axios": "\^4\.[^]*"@nestjs\/config": "\^4\./,
    );
    expect(text.includes('\nnpm ci && npm pack -w nestjs-wanpay -w wanpay-emulator\n')).toBe(true);
  },
);

/** The one file of both READMEs. */
async function shortestExample(): Promise<Record<string, string>> {
  const [root, library] = await Promise.all(
    ['README.md', 'libs/wanpay/README.md'].map(async (path) =>
      codeBlocks(await readFile(join(ROOT, path), 'utf8'), 'ts'),
    ),
  );
  expect(Object.keys(root ?? {})).toEqual(['src/shop.module.ts']);
  expect(library?.['src/shop.module.ts']).toBe(root?.['src/shop.module.ts']);
  return root ?? {};
}

/** Everything after a heading, up to the next one of its level. */
function section(heading: string): string {
  const [, after = ''] = page.split(`\n${heading}\n`);
  return after.split(/\n## /)[0] ?? '';
}

/** What a host installs beside nestjs-wanpay: its peers that are not optional, without those that any Nest application has. */
async function peers(): Promise<string[]> {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(ROOT, 'libs/wanpay/package.json'), 'utf8'),
  ) as { peerDependencies: Record<string, string>; peerDependenciesMeta: Record<string, unknown> };
  return Object.keys(peerDependencies)
    .filter((name) => !(name in peerDependenciesMeta) && !IN_ANY_APPLICATION.includes(name))
    .toSorted();
}

async function takesAnOrderToItsHandler(project: string, main: string, orderNo: string): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  host = new Child(join(project, 'dist', main), {
    ...dotenv(page),
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
