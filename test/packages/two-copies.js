// A host that loads the module as CommonJS, with a dependency that loads it as ES modules. It prints what works.
import { createRequire } from 'node:module';
import { Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as dependency from 'nestjs-wanpay';

const host = createRequire(import.meta.url)('nestjs-wanpay');
const options = { merchant: { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' } };

class Shipping {
  constructor(wanpay) {
    this.wanpay = wanpay;
  }

  ship() {}
}
Inject(dependency.WanPayService)(Shipping, undefined, 0);
const ship = Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship');
dependency.OnAtmEvent('atm.paid')(Shipping.prototype, 'ship', ship);

class AppModule {}
Module({ imports: [host.WanPayModule.forRoot(options)], providers: [Shipping] })(AppModule);
class TwiceModule {}
Module({ imports: [host.WanPayModule.forRoot(options), dependency.WanPayModule.forRoot(options)] })(TwiceModule);

const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
const wanpay = app.get(host.WanPayService);
const handlers = await wanpay.handlers();
const refused = await wanpay.createPayment({ orderNo: 'A1', amount: 1 }).catch((error) => error);
const twice = await NestFactory.createApplicationContext(TwiceModule, { logger: false, abortOnError: false }).catch(
  (error) => error,
);
process.stdout.write(
  JSON.stringify({
    copies: new Set([host.WanPayService, dependency.WanPayService]).size,
    isInjected: app.get(Shipping).wanpay === wanpay,
    handlers: handlers.map(({ id }) => id),
    isError: refused instanceof dependency.InvalidFieldError && refused instanceof dependency.WanPayError,
    isAnotherError: refused instanceof dependency.PaymentEndedError,
    twice: { code: twice.code, isError: twice instanceof dependency.WanPayConfigurationError },
  }),
);
await app.close();
