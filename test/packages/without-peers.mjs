// Run in a host that has the required peers of nestjs-wanpay and none of the optional ones. Loads every door of the package in
// both forms, uses what needs an optional peer, and tells in one line what came of each.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(require.resolve('nestjs-wanpay/package.json'), 'utf8'));
const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json');

const uses = {
  './telemetry': ({ openTelemetry }) => openTelemetry().start({ name: 'shop', status: () => Promise.resolve({}) }),
  './bullmq': ({ bullmq }) => bullmq({ name: 'queue', opts: {}, on: () => undefined }).prepare(),
  './postgres': ({ postgres }) => start(postgres({ connectionString: 'postgres://127.0.0.1:9/none' })),
  './mysql': ({ mysql }) => start(mysql({ uri: 'mysql://127.0.0.1:9/none' })),
  './sqlite': ({ sqlite }) => start(sqlite({ file: 'ledger.db', driver: 'libsql' })),
};

/** @param {import('nestjs-wanpay/ledger').LedgerStore} store */
function start(store) {
  return store.start(() => undefined);
}

async function told(door, load) {
  try {
    const loaded = await load(`nestjs-wanpay${door.slice(1)}`);
    await uses[door]?.(loaded);
    return 'works';
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

const results = {};
for (const door of doors) {
  results[door] = { esm: await told(door, (name) => import(name)), cjs: await told(door, require) };
}
process.stdout.write(JSON.stringify(results));
