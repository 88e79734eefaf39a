import { type CreatePayment, OnAtmEvent, WanPayModule, type WanPayService } from 'nestjs-wanpay';
import { bullmq } from 'nestjs-wanpay/bullmq';
import type { WanPayHealthOptions } from 'nestjs-wanpay/health';
import { mysql } from 'nestjs-wanpay/mysql';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { openTelemetry } from 'nestjs-wanpay/telemetry';
import { type WanPayTesting, WanPayTestingModule } from 'nestjs-wanpay/testing';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { wanpayMatchers } from 'wanpay-emulator/testing';

/** What a host reads from somewhere that may not have it. */
declare const text: string | undefined;
declare const count: number | undefined;
declare const flag: boolean | undefined;
declare const date: Date | undefined;
declare const service: WanPayService;
declare const emulator: WanPayEmulator;
declare const testing: WanPayTesting;

// Exported without types of their own, so that the declarations have to name every type.
export const matchers = wanpayMatchers;
export const decorator = OnAtmEvent('atm.paid', { id: text, instance: text, transaction: flag });
export const queue = bullmq;
export const root = WanPayModule.forRoot({
  name: text,
  isGlobal: flag,
  notificationPath: text,
  notificationDecorators: undefined,
  merchant: { merchantNo: 'A', key: text, keys: undefined },
  publicUrl: text,
  baseUrl: text,
  validDays: count,
  timeoutMs: count,
  allowedSources: undefined,
  confirmPaidByQuery: flag,
  delivery: { enabled: flag, maxAttempts: count },
  reconciliation: { enabled: flag, jitter: count },
  ledger: undefined,
  clock: undefined,
});
export const testingRoot = WanPayTestingModule.forRoot({ now: date, livemode: flag, names: undefined });
export const store = sqlite({ file: 'orders.db' });
export const postgresStore = postgres({
  connectionString: 'postgres://db.example/shop',
  schema: text,
  migrate: flag,
  statementTimeoutMs: count,
  prepare: flag,
  transactions: undefined,
});
export const mysqlStore = mysql({
  uri: 'mysql://db.example/shop',
  migrate: flag,
  statementTimeoutMs: count,
  pollEveryMs: count,
});
export const telemetry = openTelemetry({ meterProvider: undefined, tracerProvider: undefined, identify: undefined });
export const health: WanPayHealthOptions = {
  instance: text,
  timeoutMs: count,
  deadLetters: count,
  findingsAre: undefined,
};
export const terms: CreatePayment = {
  amount: 1280,
  orderNo: text,
  validDays: count,
  description: text,
  merchantNo: text,
};

export const created = (): ReturnType<typeof service.createPayment> => service.createPayment(terms);
export const payments = () => service.listPayments({ merchantNo: text, createdFrom: date, limit: count, after: text });
export const deliveries = () => service.listDeliveries({ handler: text, state: undefined, after: text });
export const replayed = () => service.replayDeliveries({ handler: text, from: date, to: date });
export const timeline = () => service.getPaymentTimeline('A1', { merchantNo: text });
export const retired = () => service.retireHandler('A', { force: flag });
export const reconciled = () => service.reconcile({ from: new Date(), to: new Date(), merchantNo: text });
export const handlers = () => service.handlers();
export const swept = () => service.sweep();
export const counts = service.deliveryCounts;
export const paid = () => testing.payOrder('A1', { amount: count, merchantNo: text, notify: flag });
export const orders = testing.orders;
export const moved = () => testing.advance({ days: count });
export const started = () =>
  startWanPayEmulator({ port: count, dataFile: text, clock: { stopped: flag, startAt: date } });
export const transferred = () => emulator.pay('A1', { amount: count, merchantNo: text });
export const notifications = () => emulator.notifications();
export const entries = () => emulator.timeline('A1');
