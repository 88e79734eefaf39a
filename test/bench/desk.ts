import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WanPayModule } from 'nestjs-wanpay';
import { WanPayDeskModule } from 'nestjs-wanpay-desk';
import { Ledger } from 'nestjs-wanpay/ledger';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { milliseconds } from './measure.js';
import { MERCHANT, openAll, orderNos, paidReport, pendingPayment } from './orders.js';
import type { Bench } from './plan.js';
import { told } from './row.js';

const PAGES = [
  ...['', '/payments', '/payments?amount=1280', '/payments?payer=12345', '/payments?state=paid', '/figures'],
  ...['/payment?order=DN1', '/reconciliation'],
];

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
      const elapsed = await milliseconds(async () => {
        const response = await fetch(`${url}/wanpay/desk${page}`);
        if (!response.ok) throw new Error(`The desk answered ${response.status} for ${page}.`);
        await response.arrayBuffer();
      });
      if (round >= rounds.warmUp) figures.push(elapsed);
    }
    rows.push(told(`desk${page}, ${count} payments, SQLite (at most 150 ms)`, 'ms', figures));
  }
  await app.close();
  await rm(folder, { recursive: true });
  return { rows };
};

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
