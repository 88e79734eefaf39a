import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { sqlite, SqliteStore } from 'nestjs-wanpay/sqlite';
import { shopConfig } from './shop.config.js';

/** One database for the module's ledger and the shop's own orders, so that a handler changes both in one transaction. */
@Module({
  providers: [{ provide: SqliteStore, inject: [shopConfig.KEY], useFactory: openDatabase }],
  exports: [SqliteStore],
})
export class ShopDatabaseModule {}

function openDatabase({ data }: Pick<ConfigType<typeof shopConfig>, 'data'>): SqliteStore {
  mkdirSync(data, { recursive: true });
  return sqlite({ file: join(data, 'shop.db') });
}
