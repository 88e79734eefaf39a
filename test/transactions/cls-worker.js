// An application without a server whose repositories join the handler's transaction by themselves, through
// @nestjs-cls/transactional. Plain JavaScript: what compiles on the way would load a second copy of Nest.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClsPluginTransactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { OnAtmEvent, WanPayModule } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { clsTransactions } from 'nestjs-wanpay/transactions';
import { DataSource } from 'typeorm';

const url = process.argv[2];
const dataSource = new DataSource({ type: 'postgres', url });
await dataSource.initialize();

class DataModule {}
Module({ providers: [{ provide: DataSource, useValue: dataSource }], exports: [DataSource] })(DataModule);
const adapter = new TransactionalAdapterTypeOrm({ dataSourceToken: DataSource });
const cls = ClsModule.forRoot({
  global: true,
  plugins: [new ClsPluginTransactional({ imports: [DataModule], adapter })],
});

/** Knows nothing of the handler's transaction. */
class Shipments {
  constructor(host) {
    this.host = host;
  }

  async insert(orderNo) {
    await this.host.tx.query('insert into shipments (order_no) values ($1)', [orderNo]);
    await this.host.tx.query('select pg_sleep(0.02)');
  }
}
Reflect.defineMetadata('design:paramtypes', [TransactionHost], Shipments);

class Shipping {
  constructor(shipments) {
    this.shipments = shipments;
  }

  ship({ orderNo }) {
    return this.shipments.insert(orderNo);
  }
}
Reflect.defineMetadata('design:paramtypes', [Shipments], Shipping);
const decorate = OnAtmEvent('atm.paid', { transaction: true });
decorate(Shipping.prototype, 'ship', Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship'));

const wanpay = WanPayModule.forRootAsync({
  inject: [TransactionHost],
  useFactory: (host) => ({
    merchant: { merchantNo: '21008024', key: 'a key' },
    publicUrl: 'http://127.0.0.1',
    ledger: postgres({ connectionString: url, schema: 'wanpay_cls', transactions: clsTransactions(host) }),
    delivery: { maxAttempts: 100, baseDelayMs: 20, maxDelayMs: 200, handlerTimeoutMs: 2000 },
    reconciliation: { enabled: false },
  }),
});

class AppModule {}
Module({ imports: [cls, wanpay], providers: [Shipments, Shipping] })(AppModule);
await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
process.stdout.write('ready\n');
