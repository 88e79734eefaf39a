import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmulatorError, startWanPayEmulator } from 'wanpay-emulator';
import { PostgresServer } from '../../test/servers/postgres.js';
import { RedisServer } from '../../test/servers/redis.js';
import { sayIn } from '../language.js';
import { EXAMPLES, isExampleName, MERCHANTS } from './examples.js';

const say = sayIn(process.env);

/**
 * `npm run example NAME`: an example and the platform's emulator side by side, until Ctrl-C. A database or a Redis that the example
 * needs is started too, unless DATABASE_URL or REDIS_URL names one. PORT and EMULATOR_PORT choose other ports than 3000 and 4010.
 */
const [name = ''] = process.argv.slice(2);
if (!isExampleName(name)) {
  const names = Object.keys(EXAMPLES);
  console.error(
    say(
      `Name an example: npm run example NAME. The examples are ${names.join(', ')}.`,
      `請指定範例：npm run example NAME。可用的有 ${names.join('、')}。`,
    ),
  );
  process.exit(1);
}
const { programs, needs, look } = EXAMPLES[name];
const { PORT = '3000', EMULATOR_PORT = '4010', DATABASE_URL, REDIS_URL } = process.env;

const children: ChildProcess[] = [];
const closes: (() => Promise<unknown>)[] = [];
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop());

const emulator = await startWanPayEmulator({ port: Number(EMULATOR_PORT), merchants: MERCHANTS }).catch(
  (error: unknown) => {
    if (!(error instanceof EmulatorError)) throw error;
    console.error(`${error.message} Set EMULATOR_PORT to another port: EMULATOR_PORT=4011 npm run example ${name}.`);
    process.exit(1);
  },
);
closes.push(() => emulator.close());
const url = `http://127.0.0.1:${PORT}`;
const variables = {
  // Keeps real credentials out of the examples.
  ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('WANPAY_'))),
  PORT,
  WANPAY_MERCHANT_NO: emulator.merchant.merchantNo,
  WANPAY_KEY: emulator.merchant.key,
  WANPAY_BASE_URL: emulator.baseUrl,
  WANPAY_PUBLIC_URL: url,
  ...(needs.includes('postgres') ? { DATABASE_URL: DATABASE_URL ?? (await startPostgres()) } : {}),
  ...(needs.includes('redis') ? { REDIS_URL: REDIS_URL ?? (await startRedis()) } : {}),
  ...(needs.includes('keys') ? { KEY_FOLDER: await writeKeys() } : {}),
};
for (const args of programs) start(args);
console.log(`
${say('The emulator’s console, where you pay:', '模擬器的主控台，在這裡付款：')} http://127.0.0.1:${EMULATOR_PORT}
${look(url)}
${say('Ctrl-C ends everything.', '按 Ctrl-C 會結束全部。')}
`);

/** Starts a program of the example. When it ends, everything ends. */
function start(args: readonly string[]): void {
  // In a process group of its own: Ctrl-C in a terminal then reaches it once, through us.
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env: variables,
    stdio: 'inherit',
    detached: true,
  });
  children.push(child);
  child.once('exit', (code) => {
    if (isStopping) return;
    const program = args.join(' ');
    console.error(
      say(
        `${program} has ended with code ${code ?? 'none'}, so everything ends.`,
        `${program} 已結束（代碼 ${code ?? '無'}），因此全部結束。`,
      ),
    );
    process.exitCode = 1;
    void stop();
  });
}

async function startPostgres(): Promise<string> {
  const server = await PostgresServer.start();
  closes.push(() => server.stop());
  return server.connectionString;
}

async function startRedis(): Promise<string> {
  const server = await RedisServer.start();
  closes.push(() => server.stop());
  return `redis://${server.connection.host}:${server.connection.port}`;
}

/** A folder of key files, as a vault's agent keeps it. It is deleted when the example ends. */
async function writeKeys(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-keys-'));
  closes.push(() => rm(folder, { recursive: true }));
  for (const { merchantNo, key } of MERCHANTS) await writeFile(join(folder, merchantNo), `${key}\n`);
  return folder;
}

/** Ends the programs, and then what they need. */
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await Promise.all(children.map(end));
  for (let close = closes.pop(); close; close = closes.pop()) await close();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
