import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WanPayModule, WanPayService } from 'nestjs-wanpay';
import { WanPayDeskModule } from 'nestjs-wanpay-desk';
import { Ledger } from 'nestjs-wanpay/ledger';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { milliseconds, type Rounds } from './measure.js';
import { MERCHANT, openAll, orderNos, paidReport, pendingPayment } from './orders.js';
import type { Bench } from './plan.js';
import { type Row, told } from './row.js';

const PAGES = [
  ...['', '/payments', '/payments?amount=1280', '/payments?payer=12345', '/payments?state=paid', '/figures'],
  ...['/payment?order=DN1', '/reconciliation'],
];

const MOST_LISTED = 2000;
const BYTES_PER_MB = 1_000_000;
const OWN = { 'sec-fetch-site': 'same-origin' };

/** How long the server takes for each page of the desk, with many payments in the ledger. Each is to take at most 150 ms. */
export const desk: Bench = async ({ smoke, rounds }) => {
  const count = smoke ? 60 : 10_000;
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-bench-'));
  const file = join(folder, 'ledger.db');
  await fill(file, count);
  const app = await NestFactory.create(hostOver(file), { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const rows = [];
  for (const page of PAGES) {
    const figures: number[] = [];
    for (let round = 0; round < rounds.warmUp + rounds.counted; round += 1) {
      const elapsed = await milliseconds(() => read(`${url}/wanpay/desk${page}`));
      if (round >= rounds.warmUp) figures.push(elapsed);
    }
    rows.push(told(`desk${page}, ${count} payments, SQLite (at most 150 ms)`, 'ms', figures));
  }
  const wanpay = app.get(WanPayService, { strict: false });
  for (const large of [await longRun(wanpay), await statementOf(`${url}/wanpay/desk`, count)]) {
    const figures: number[] = [];
    for (let round = 0; round < rounds.warmUp + rounds.counted; round += 1) {
      const elapsed = await milliseconds(() => large.ask(`${url}/wanpay/desk`));
      if (round >= rounds.warmUp) figures.push(elapsed);
    }
    rows.push(told(`${large.what}, ${count} payments, SQLite`, 'ms', figures));
  }
  rows.push(...(await downloads(`${url}/wanpay/desk`, count, rounds)));
  await app.close();
  await rm(folder, { recursive: true });
  return { rows };
};

interface Large {
  readonly what: string;
  readonly ask: (desk: string) => Promise<unknown>;
}

/** The report of a run that found as much as a page lists. */
async function longRun(wanpay: WanPayService): Promise<Large> {
  const order = { merchantNo: MERCHANT.merchantNo, amount: 1280, from: 'pending' };
  const listed = orderNos('D', MOST_LISTED).map((orderNo) => ({ ...order, orderNo }));
  const at = new Date();
  const head = { from: at.toISOString(), to: at.toISOString(), updatedAt: at.toISOString(), state: 'failed' };
  const run = {
    ...head,
    done: 0,
    total: 0,
    changed: listed.map((each) => ({ ...each, to: 'paid' })),
    unanswered: listed,
  };
  await wanpay.keepRecord({ kind: 'reconciliation', id: 'bench', at, document: JSON.stringify(run) });
  return {
    what: `desk/reconciliation/run with ${2 * MOST_LISTED} orders`,
    ask: (desk) => read(`${desk}/reconciliation/run?id=bench.${at.getTime()}`),
  };
}

/** A statement of every payment that was paid, which is compared. */
async function statementOf(desk: string, count: number): Promise<Large> {
  const form = new FormData();
  const lines = orderNos('D', count).map((orderNo) => `${orderNo},1280\n`);
  form.set('file', new Blob(['order,amount\n', ...lines]), 'bank.csv');
  const uploaded = await fetch(`${desk}/statement`, { method: 'POST', redirect: 'manual', headers: OWN, body: form });
  const id = new URLSearchParams(uploaded.headers.get('location')?.split('?')[1]).get('id') ?? '';
  const today = formatTaipei(new Date()).slice(0, 10);
  const fields = { id, key: '0', by: 'orderNo', amount: '1', from: today, to: today };
  return {
    what: `desk/statement/compare of ${count} lines`,
    ask: async () => {
      const body = new URLSearchParams(fields);
      const answer = await fetch(`${desk}/statement/compare`, {
        method: 'POST',
        redirect: 'manual',
        headers: OWN,
        body,
      });
      if (answer.status !== 303) throw new Error(`The desk answered ${answer.status} to a comparison.`);
    },
  };
}

/** How long the file of all payments takes, and how far the heap grows meanwhile over what it was. */
async function downloads(desk: string, count: number, { warmUp, counted }: Rounds): Promise<Row[]> {
  const [times, growths]: [number[], number[]] = [[], []];
  for (let round = 0; round < warmUp + counted; round += 1) {
    global.gc?.();
    const before = process.memoryUsage().heapUsed;
    let most = before;
    const elapsed = await milliseconds(async () => {
      const { body } = await fetch(`${desk}/payments.csv`);
      let bytes = 0;
      for await (const chunk of body ?? []) {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().heapUsed);
      }
      if (bytes < count) throw new Error(`The desk sent ${bytes} bytes for ${count} payments.`);
    });
    if (round < warmUp) continue;
    times.push(elapsed);
    growths.push((most - before) / BYTES_PER_MB);
  }
  return [
    told(`desk/payments.csv of ${count} payments, SQLite`, 'ms', times),
    told(`desk/payments.csv of ${count} payments: the heap grew at most by`, 'MB', growths),
  ];
}

async function read(address: string): Promise<void> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The desk answered ${response.status} for ${address}.`);
  await response.arrayBuffer();
}

async function fill(file: string, count: number): Promise<void> {
  const ledger = new Ledger(sqlite({ file, driver: 'libsql' }));
  await ledger.start();
  const orders = orderNos('D', count);
  await openAll(ledger, orders);
  const settled = orders.filter((_, i) => i % 2 === 0);
  await Promise.all(settled.map((orderNo) => ledger.settle(paidReport(orderNo))));
  const mismatched = orderNos('M', 20);
  await openAll(ledger, mismatched);
  for (const orderNo of mismatched) {
    const report = paidReport(orderNo);
    await ledger.settle({ ...report, outcome: { ...report.outcome, reportedAmount: '5' } });
  }
  await ledger.open(pendingPayment('LAST'));
  await ledger.stop();
}

function hostOver(file: string): object {
  @Module({
    imports: [
      WanPayModule.forRoot({
        merchant: MERCHANT,
        baseUrl: 'http://127.0.0.1:9',
        ledger: sqlite({ file, driver: 'libsql' }),
        reconciliation: { enabled: false },
      }),
      WanPayDeskModule.forRoot({ guards: 'none' }),
    ],
  })
  class HostModule {}
  return HostModule;
}
