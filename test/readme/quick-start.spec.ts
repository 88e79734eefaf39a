import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import ts from 'typescript';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { answers, Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
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
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const files = codeBlocks(readme, 'ts');
  expect(Object.keys(files)).toEqual([
    'src/app.module.ts',
    'src/checkout.controller.ts',
    'src/shipping.ts',
    'src/main.ts',
  ]);
  expect(await compile(files)).toEqual([]);

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

/** The fenced blocks of a language, by the path that their first line gives in a comment. */
function codeBlocks(markdown: string, language: string): Record<string, string> {
  const blocks = markdown.matchAll(new RegExp(`\`\`\`${language}\\n// (\\S+)\\n(.*?)\`\`\``, 'gs'));
  return Object.fromEntries([...blocks].map(([, path = '', code = '']) => [path, code]));
}

function dotenv(markdown: string): Record<string, string> {
  const block = /```dotenv\n(.*?)```/s.exec(markdown)?.[1] ?? '';
  return Object.fromEntries([...block.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

const configHost: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
  },
};

/** Type-checks and builds the files with the project's own strict settings; returns what the compiler complains about. */
async function compile(files: Record<string, string>): Promise<string[]> {
  await rm(project, { recursive: true, force: true });
  for (const [path, code] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), code);
  }
  const settings = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, configHost);
  const sources = Object.keys(files).map((path) => join(project, path));
  const program = ts.createProgram(sources, {
    ...settings?.options,
    noEmit: false,
    rootDir: join(project, 'src'),
    outDir: join(project, 'dist'),
  });
  const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
