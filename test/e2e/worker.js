// A host without a server: it opens a payment, and says what its handler of the payment finds when it is told to stop.
import 'reflect-metadata';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WanPayModule, WanPayService } from 'nestjs-wanpay';

const { EMULATOR_URL, MERCHANT_NO, MERCHANT_KEY, DELIVERY, HANDLERS } = process.env;

const say = (line) => process.stdout.write(`${line}\n`);

class Printer {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
    say('printer closed');
  }
}

class PrinterModule {}
Module({ providers: [Printer], exports: [Printer] })(PrinterModule);

class WorkerModule {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
    say('root closed');
  }
}
Module({
  imports: [
    PrinterModule,
    WanPayModule.forRoot({
      merchant: { merchantNo: MERCHANT_NO, key: MERCHANT_KEY },
      baseUrl: EMULATOR_URL,
      publicUrl: 'http://127.0.0.1:1',
      delivery: { enabled: DELIVERY === 'on' },
    }),
  ],
})(WorkerModule);

const app = await NestFactory.createApplicationContext(WorkerModule, { logger: ['error'] });
app.enableShutdownHooks(['SIGTERM']);
// Unlike with Nest's own hooks, no signal ends the process afterwards.
process.once('SIGUSR2', () => void app.close());
const wanpay = app.get(WanPayService);
const printer = app.get(Printer);
const root = app.get(WorkerModule);

/** As slow as it may be: it goes on only once it is told that the host shuts down, and then takes a few turns more. */
async function handle({ orderNo }, { signal }) {
  say(`handling ${orderNo}`);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  say(`handled ${orderNo}, printer ${printer.isOpen ? 'open' : 'closed'}, root ${root.isOpen ? 'open' : 'closed'}`);
}
if (HANDLERS === 'one') await wanpay.addHandler({ id: 'worker', type: 'atm.issued', handle });

const { state } = await wanpay.createPayment({ orderNo: 'W1', amount: 50 });
say(`payment ${state}`);
