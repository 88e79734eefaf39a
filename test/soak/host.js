// One of the processes that soak: a Nest application over PostgreSQL with a transactional and a plain handler, each of which
// fails once in a hundred times. Plain JavaScript, so that a process starts at once.
import { performance } from 'node:perf_hooks';
import { setInterval } from 'node:timers';
import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnAtmEvent, wanpayConfig, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';

const { PORT, DATABASE_URL, KEEP_SECONDS, PURGE_SECONDS } = process.env;
const INSERT = 'insert into soak_effects (number, kind) values ($1, $2)';
const FAILURES = 0.01;
const AMOUNT = 1280;
const REPORT_MS = 1000;

/** Short pauses and claims, since a killed process holds its own until they lapse. */
const delivery = { maxAttempts: 100, baseDelayMs: 100, maxDelayMs: 2000, handlerTimeoutMs: 5000 };
/** As early as the module checks at all. */
const reconciliation = { firstCheckMinutes: 1, queriesPerSecond: 50, concurrency: 8, jitter: 0.1 };

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
/** Numbers of orders and when their handler was first called, in turn, since the last report. */
let called = [];

/** Writes each effect without checking for an earlier one, so that a handler that ran twice is seen. */
class Effects {
  /** Fails after it wrote, so that the effect must be rolled back. */
  async exactlyOnce({ orderNo }, { attempt, transaction }) {
    if (attempt === 1) called.push(numberOf(orderNo), performance.timeOrigin + performance.now());
    await transaction.query(INSERT, [numberOf(orderNo), 'once']);
    failSometimes();
  }

  async atLeastOnce({ orderNo }) {
    failSometimes();
    await pool.query(INSERT, [numberOf(orderNo), 'plain']);
  }
}
decorateMethod(OnAtmEvent('atm.paid', { transaction: true }), Effects, 'exactlyOnce');
decorateMethod(OnAtmEvent('atm.paid'), Effects, 'atLeastOnce');

class Orders {
  constructor(wanpay) {
    this.wanpay = wanpay;
  }

  async open(orderNo) {
    await this.wanpay.createPayment({ orderNo, amount: AMOUNT });
  }
}
Reflect.defineMetadata('design:paramtypes', [WanPayService], Orders);
Param('orderNo')(Orders.prototype, 'open', 0);
decorateMethod(Post(':orderNo'), Orders, 'open');
Controller('orders')(Orders);

// Half of its connections are for transactional handlers, each of which takes several round trips of a busy machine.
const ledger = postgres({ pool: new pg.Pool({ connectionString: DATABASE_URL, max: 20 }) });
class AppModule {}
Module({
  imports: [WanPayModule.forRoot({ ...wanpayConfig(), ledger, delivery, reconciliation })],
  controllers: [Orders],
  providers: [Effects],
})(AppModule);

function decorateMethod(decorate, type, name) {
  decorate(type.prototype, name, Object.getOwnPropertyDescriptor(type.prototype, name));
}

function failSometimes() {
  if (Math.random() < FAILURES) throw new Error('One of a hundred.');
}

function numberOf(orderNo) {
  return Number(orderNo.slice('SOAK'.length));
}

// Nothing is left behind by a soak that was killed.
process.once('disconnect', () => process.exit(1));
const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks();
await app.listen(Number(PORT), '127.0.0.1');

const wanpay = app.get(WanPayService, { strict: false });
setInterval(
  () => {
    // A purge that meets the end of this process or of the database is done by the next one.
    wanpay.purge({ before: new Date(Date.now() - Number(KEEP_SECONDS) * 1000) }).catch(() => undefined);
  },
  Number(PURGE_SECONDS) * 1000,
);
setInterval(() => {
  process.send?.({ called, residentBytes: process.memoryUsage.rss() });
  called = [];
}, REPORT_MS);
process.send?.({ called, residentBytes: process.memoryUsage.rss() });
