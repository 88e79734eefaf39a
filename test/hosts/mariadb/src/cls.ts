import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClsPluginTransactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { clsTransactions } from 'nestjs-wanpay/transactions';
import { DataSource } from 'typeorm';
import type { Tool } from './tools.js';

/** A host whose repositories ask the transaction host for their client. */
export async function openCls(url: string): Promise<Tool> {
  const dataSource = await new DataSource({ type: 'mysql', url }).initialize();

  @Module({ providers: [{ provide: DataSource, useValue: dataSource }], exports: [DataSource] })
  class DataModule {}

  const adapter = new TransactionalAdapterTypeOrm({ dataSourceToken: DataSource });
  const plugin = new ClsPluginTransactional({ imports: [DataModule], adapter });
  @Module({ imports: [ClsModule.forRoot({ global: true, plugins: [plugin] })] })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  const host: TransactionHost<TransactionalAdapterTypeOrm> = app.get(TransactionHost);
  return {
    transactions: clsTransactions(host),
    insert: (_, orderNo) => host.tx.query('INSERT INTO shipments (order_no) VALUES (?)', [orderNo]),
    sleep: (_, seconds) => host.tx.query('SELECT SLEEP(?)', [seconds]),
    close: async () => {
      await app.close();
      await dataSource.destroy();
    },
  };
}
