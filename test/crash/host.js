// The host that is killed: a Nest application with a transactional and a plain handler, over SQLite, PostgreSQL
// or MariaDB, and over BullMQ where it is one of several. Plain JavaScript, so that a process starts at once.
import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnAtmEvent, wanpayConfig, WanPayModule, WanPayService } from 'nestjs-wanpay';

const { PORT, LEDGER_FILE, DATABASE_URL, MYSQL_URI, PLAIN_EFFECTS, QUEUE_CONNECTION, HOST_NAME = null } = process.env;

/** So many and so quick that an outage of the database makes no dead letter, and short claims, since a killed host holds its own. */
const PATIENT = { maxAttempts: 100, baseDelayMs: 20, maxDelayMs: 500, handlerTimeoutMs: 2000 };

/** Writes each effect without checking for an earlier one, so that a handler that ran twice is seen. */
class Effects {
  exactlyOnce({ orderNo }, { transaction: client }) {
    if (LEDGER_FILE) return void client.prepare('insert into effects (order_no) values (?)').run(orderNo);
    const values = MYSQL_URI ? '?, ?' : '$1, $2';
    return client.query(`insert into effects (order_no, host) values (${values})`, [orderNo, HOST_NAME]);
  }

  atLeastOnce({ orderNo }) {
    if (PLAIN_EFFECTS) appendFileSync(PLAIN_EFFECTS, `${orderNo}\n`);
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

  /** How many orders have handlers that are not done. */
  async undelivered() {
    const { payments } = await this.wanpay.listPayments({ limit: 1000 });
    const timelines = await Promise.all(payments.map(({ orderNo }) => this.wanpay.getPaymentTimeline(orderNo)));
    return timelines.filter(
      (entries) =>
        !entries.some(
          ({ type, deliveries }) =>
            type === 'atm.paid' && deliveries.length === 2 && deliveries.every(({ state }) => state === 'delivered'),
        ),
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

const options = { ...wanpayConfig(), ledger: await ledger(), delivery: PATIENT };

/** Each host loads what it uses and no more: a process that starts sooner is killed more often in the same time. */
async function ledger() {
  if (LEDGER_FILE) return (await import('nestjs-wanpay/sqlite')).sqlite({ file: LEDGER_FILE });
  if (MYSQL_URI) return (await import('nestjs-wanpay/mysql')).mysql({ uri: MYSQL_URI });
  return (await import('nestjs-wanpay/postgres')).postgres({ connectionString: DATABASE_URL });
}

/** One of several hosts: sweeps are scheduled by the second, and the platform is asked as fast as it answers. */
async function overBullmq(connection) {
  const { BullModule, getQueueToken } = await import('@nestjs/bullmq');
  const { createPostgresBackend, setDefaultBackendFactory } = await import('bullmq');
  const { bullmq } = await import('nestjs-wanpay/bullmq');
  if ('connectionString' in connection) setDefaultBackendFactory(createPostgresBackend);
  return [
    BullModule.forRoot({ connection }),
    WanPayModule.forRootAsync({
      imports: [BullModule.registerQueue({ name: 'wanpay' })],
      inject: [getQueueToken('wanpay')],
      useFactory: (queue) => ({
        ...options,
        reconciliation: { queriesPerSecond: 1000, concurrency: 50 },
        queue: printing(bullmq(queue, { sweepEverySeconds: 1 })),
      }),
    }),
  ];
}

/** Prints a letter for each job, which outlives the process. */
function printing(queue) {
  const start = queue.start.bind(queue);
  const told = (letter, work) => () => {
    process.stdout.write(letter);
    return work();
  };
  return Object.assign(queue, {
    start: ({ deliver, sweep }) => start({ deliver: told('D', deliver), sweep: told('S', sweep) }),
  });
}

class AppModule {}
Module({
  imports: QUEUE_CONNECTION ? await overBullmq(JSON.parse(QUEUE_CONNECTION)) : [WanPayModule.forRoot(options)],
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
