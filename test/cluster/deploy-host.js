// An application with the handlers that it is told to have, or, without a port, a script that imports the module alone.
// Plain JavaScript, so that a process starts at once.
import 'reflect-metadata';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnAtmEvent, wanpayConfig, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import pg from 'pg';

const { PORT, IS_SCRIPT, DATABASE_URL, HANDLERS = '[]' } = process.env;
const INSERT = 'insert into handled (handler, order_no) values ($1, $2)';

const pool = new pg.Pool({ connectionString: DATABASE_URL });
// A handler's time bounds for how long a killed process keeps what it had claimed.
const delivery = { maxAttempts: 100, baseDelayMs: 20, maxDelayMs: 500, handlerTimeoutMs: 2000 };
const wanpay = WanPayModule.forRoot({ ...wanpayConfig(), ledger: postgres({ pool }), delivery });

/** A class with one handler, which writes what it handled without checking whether it did before. */
function handlerClass({ id, isTransactional, failsAtFirst }) {
  const [className, method] = id.split('.');
  const handle = async ({ orderNo }, { attempt, transaction }) => {
    if (failsAtFirst && attempt === 1) throw new Error('no luck');
    await (isTransactional ? transaction : pool).query(INSERT, [id, orderNo]);
  };
  const type = { [className]: class {} }[className];
  Object.defineProperty(type.prototype, method, { value: handle, configurable: true });
  const decorate = OnAtmEvent('atm.paid', { transaction: isTransactional });
  decorate(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
  return type;
}

class Orders {
  constructor(service) {
    this.service = service;
  }

  open(orderNo) {
    return this.service.createPayment({ orderNo, amount: 1280 });
  }

  handlers() {
    return this.service.handlers();
  }
}
Reflect.defineMetadata('design:paramtypes', [WanPayService], Orders);
Param('orderNo')(Orders.prototype, 'open', 0);
decorateMethod(Get('handlers'), 'handlers');
decorateMethod(Post(':orderNo'), 'open');
Controller('orders')(Orders);

function decorateMethod(decorate, name) {
  decorate(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name));
}

class ScriptModule {}
Module({ imports: [wanpay] })(ScriptModule);

class AppModule {}
Module({ imports: [wanpay], controllers: [Orders], providers: JSON.parse(HANDLERS).map(handlerClass) })(AppModule);

const logger = process.env.VERBOSE ? undefined : false;
if (IS_SCRIPT) {
  const script = await NestFactory.createApplicationContext(ScriptModule, { logger });
  script.enableShutdownHooks();
} else {
  const app = await NestFactory.create(AppModule, { logger });
  app.enableShutdownHooks();
  await app.listen(Number(PORT), '127.0.0.1');
}
process.stdout.write('ready\n');
