import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WanPayModule, WanPayService } from 'nestjs-wanpay';
import { Ledger, type LedgerStore } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { createPool } from '../database/pool.js';
import { Tables } from '../database/tables.js';
import { MERCHANT, openAll, orderNos } from '../orders.js';
import type { Note, Plan } from '../plan.js';
import { plansOf } from './plans.js';

/** How full a ledger is. */
export interface Fill {
  readonly payments: number;
  readonly due: number;
}

/** A ledger with payments of which some can be made due, and the module over it. */
export interface Swept {
  readonly name: string;
  readonly ledger: Ledger;
  readonly wanpay: WanPayService;
  /** Makes so many checks due as there are to be, spread over all payments. */
  readonly makeDue: (round: number) => Promise<void>;
  /** How the ledger's statements are carried out. */
  readonly plans: () => Promise<readonly Note[]>;
  readonly close: () => Promise<void>;
}

const PREFIX = 'W';
/** Payments that are opened together, so that a fill needs no memory for all of them. */
const BLOCK = 20_000;
const CONCURRENCY = 16;
const QUERIES_PER_SECOND = 1000;
/** In minutes: what is swept is not due again while this runs. */
const A_DAY = 1440;

export async function postgresSweep(plan: Plan, baseUrl: string, fill: Fill): Promise<Swept> {
  const tables = await Tables.create(await plan.postgres());
  await tables.open(PREFIX, fill.payments);
  await tables.analyze();
  const pool = createPool(tables.address);
  const swept = await overStore('PostgreSQL', postgres({ pool }), baseUrl, fill);
  return {
    ...swept,
    makeDue: async (round) => {
      await swept.makeDue(round);
      await tables.settleDown();
    },
    plans: async () => {
      await swept.makeDue(0);
      return plansOf(tables.client, pool, swept.ledger, fill);
    },
    close: async () => {
      await swept.close();
      await pool.end();
      await tables.close();
    },
  };
}

export async function sqliteSweep(_plan: Plan, baseUrl: string, fill: Fill): Promise<Swept> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-bench-'));
  const file = join(folder, 'ledger.db');
  const ledger = new Ledger(sqlite({ file, driver: 'libsql' }));
  await ledger.start();
  for (let opened = 0; opened < fill.payments; opened += BLOCK) {
    const orders = orderNos(PREFIX, Math.min(opened + BLOCK, fill.payments)).slice(opened);
    await openAll(ledger, orders);
  }
  await ledger.stop();
  const swept = await overStore('SQLite', sqlite({ file, driver: 'libsql' }), baseUrl, fill);
  return {
    ...swept,
    close: async () => {
      await swept.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** @param orderAt the number of the payment at a place, from 0 */
export async function overStore(
  name: string,
  store: LedgerStore,
  baseUrl: string,
  { payments, due }: Fill,
  orderAt = (place: number): string => `${PREFIX}N${place}`,
): Promise<Swept> {
  const app = await startModule(store, baseUrl);
  const ledger = app.get(Ledger, { strict: false });
  const step = Math.floor(payments / due);
  const makeDue = async (round: number): Promise<void> => {
    const now = new Date();
    const places = Array.from({ length: due }, (_, i) => i * step + (round % step));
    // The ledger itself would bring a check forward only once in five minutes.
    const check = { set: { at: now, failures: 0 } };
    const orders = places.map((place) => ({ merchantNo: MERCHANT.merchantNo, orderNo: orderAt(place) }));
    await store.commit(orders.map((order) => ({ ...order, check })));
  };
  return {
    name,
    ledger,
    wanpay: app.get(WanPayService, { strict: false }),
    makeDue,
    plans: () => Promise.resolve([]),
    close: () => app.close(),
  };
}

/** Each has its own, since a module counts the queries that it sends. */
function startModule(store: LedgerStore, baseUrl: string): Promise<INestApplicationContext> {
  const wanpay = WanPayModule.forRoot({
    merchant: { ...MERCHANT },
    baseUrl,
    ledger: store,
    publicUrl: 'http://127.0.0.1',
    reconciliation: {
      enabled: false,
      queriesPerSecond: QUERIES_PER_SECOND,
      concurrency: CONCURRENCY,
      firstCheckMinutes: A_DAY,
    },
  });
  return NestFactory.createApplicationContext({ module: Host, imports: [wanpay] }, { logger: false });
}

@Module({})
class Host {}
