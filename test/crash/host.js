// The host that is killed: a Nest application with a transactional and a plain handler, over SQLite or PostgreSQL.
// Plain JavaScript, so that a process starts at once.
import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnAtmEvent, wanpayConfig, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';

const { PORT, LEDGER_FILE, DATABASE_URL, PLAIN_EFFECTS } = process.env;

/** So many and so quick that an outage of the database makes no dead letter, and short claims, since a killed host holds its own. */
const PATIENT = { maxAttempts: 100, baseDelayMs: 20, maxDelayMs: 500, handlerTimeoutMs: 2000 };

/** Writes each effect without checking for an earlier one, so that a handler that ran twice is seen. */
class Effects {
  exactlyOnce({ orderNo }, client) {
    if (LEDGER_FILE) return void client.prepare('insert into effects (order_no) values (?)').run(orderNo);
    return client.query('insert into effects (order_no) values ($1)', [orderNo]);
  }

  atLeastOnce({ orderNo }) {
    appendFileSync(PLAIN_EFFECTS, `${orderNo}\n`);
  }
}
decorateMethod(OnAtmEvent('atm.paid', { transaction: true }), Effects, 'exactlyOnce');
decorateMethod(OnAtmEvent('atm.paid'), Effects, 'atLeastOnce');

class Orders {
  constructor(wanpay) {
    this.wanpay = wanpay;
  }

  open(orderNo) {
    return this.wanpay.createPayment({ orderNo, amount: 1280 });
  }

  query(orderNo) {
    return this.wanpay.queryPayment(orderNo);
  }

  /** The orders whose handlers are not all done. */
  async undelivered() {
    const { payments } = await this.wanpay.listPayments({ limit: 1000 });
    const timelines = await Promise.all(payments.map(({ orderNo }) => this.wanpay.getPaymentTimeline(orderNo)));
    return timelines.filter(
      (entries) => !entries.some(({ type, delivery }) => type === 'atm.paid' && delivery === 'delivered'),
    ).length;
  }
}
Reflect.defineMetadata('design:paramtypes', [WanPayService], Orders);
Param('orderNo')(Orders.prototype, 'open', 0);
Param('orderNo')(Orders.prototype, 'query', 0);
decorateMethod(Get('undelivered'), Orders, 'undelivered');
decorateMethod(Post(':orderNo'), Orders, 'open');
decorateMethod(Post(':orderNo/query'), Orders, 'query');
Controller('orders')(Orders);

class AppModule {}
Module({
  imports: [
    WanPayModule.forRoot({
      ...wanpayConfig(),
      ledger: LEDGER_FILE ? sqlite({ file: LEDGER_FILE }) : postgres({ connectionString: DATABASE_URL }),
      delivery: PATIENT,
    }),
  ],
  controllers: [Orders],
  providers: [Effects],
})(AppModule);

function decorateMethod(decorate, type, name) {
  decorate(type.prototype, name, Object.getOwnPropertyDescriptor(type.prototype, name));
}

const app = await NestFactory.create(AppModule, { logger: process.env.VERBOSE ? undefined : false });
app.enableShutdownHooks();
await app.listen(Number(PORT), '127.0.0.1');
process.stdout.write('ready\n');
