// Our side of the comparison with job queues: settling in the ledger, and the handler that is called for it.
import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AtmPaid, OnAtmEvent, WanPayModule } from 'nestjs-wanpay';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { createPool } from '../database/pool.js';
import { rateOf } from '../measure.js';
import { MERCHANT, paidReport } from '../orders.js';
import type { PeerAsk } from './peer-process.js';

/** When each order's handler was called. */
const handled = new Map<string, number>();
let waiting = (): void => undefined;

@Injectable()
class Shipping {
  @OnAtmEvent('atm.paid')
  ship({ orderNo }: AtmPaid): void {
    handled.set(orderNo, performance.now());
    waiting();
  }
}

const ledger = postgres({ pool: createPool(process.env.DATABASE_URL ?? '') });

@Module({
  imports: [WanPayModule.forRoot({ merchant: { ...MERCHANT }, publicUrl: 'http://127.0.0.1', ledger })],
  providers: [Shipping],
})
class Host {}

const app = await NestFactory.createApplicationContext(Host, { logger: false });
const kernel = app.get(Ledger, { strict: false });

process.once('disconnect', () => process.exit());
process.on('message', (asked: PeerAsk) => {
  handled.clear();
  void answer(asked).then((numbers) => process.send?.({ numbers }));
});
process.send?.({ numbers: [] });

async function answer(asked: PeerAsk): Promise<readonly number[]> {
  const { orders } = asked;
  const begin = performance.now();
  if (asked.ask === 'rate') {
    await Promise.all([rateOf(orders, asked.atOnce, settle), allHandled(orders.length)]);
    return [(orders.length / (performance.now() - begin)) * 1000];
  }
  if (asked.ask === 'open') return [];
  const due = new Map<string, number>();
  const settled = orders.map(async (orderNo, i) => {
    await pause(Math.max(0, begin + (i * 1000) / asked.perSecond - performance.now()));
    due.set(orderNo, performance.now());
    await settle(orderNo);
  });
  await Promise.all([...settled, allHandled(orders.length)]);
  return orders.map((orderNo) => (handled.get(orderNo) ?? Number.NaN) - (due.get(orderNo) ?? Number.NaN));
}

function settle(orderNo: string): Promise<unknown> {
  return kernel.settle(paidReport(orderNo));
}

function allHandled(count: number): Promise<void> {
  return new Promise((resolve) => {
    waiting = () => {
      if (handled.size === count) resolve();
    };
    waiting();
  });
}
