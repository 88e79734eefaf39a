import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const BUILT = new URL('../dist/bench/start-up/', import.meta.url);
const HOST = fileURLToPath(new URL('host.js', BUILT));
const RECORDER = new URL('record-packages.js', BUILT).href;
const run = promisify(execFile);

/** Installed here, and of no use to a host that has the module with its ledger in memory, and nothing else. */
const NOT_NEEDED = [
  '@nestjs/bullmq',
  '@nestjs/event-emitter',
  'better-sqlite3',
  'bullmq',
  'class-transformer',
  'class-validator',
  'cli-table3',
  'commander',
  'eventemitter2',
  'ioredis',
  'libphonenumber-js',
  'libsql',
  'p-limit',
  'pg',
  'validator',
];

it('makes a host load no package that it does not use', async () => {
  const { stdout } = await run(process.execPath, ['--import', RECORDER, HOST, 'module']);
  const loaded = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(loaded).toEqual(expect.arrayContaining(['nestjs-wanpay', 'axios']));
  expect(loaded.filter((name) => NOT_NEEDED.includes(name ?? ''))).toEqual([]);
}, 60_000);
