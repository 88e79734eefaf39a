import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { codeBlocks, compile, ROOT } from './readme-project.js';

/** Within the workspace, so that the packages resolve as they would for a user. */
const PROJECT = fileURLToPath(new URL('testing', import.meta.url));

/** What the host has already. */
const HOST = {
  'src/vault.ts': `
    import { Module } from '@nestjs/common';

    export class Vault {
      keysOf(_merchantNo: string): Promise<string[] | undefined> {
        return Promise.resolve(undefined);
      }
    }

    @Module({})
    export class VaultModule {}
  `,
  'src/my-database.ts': `
    import type { LedgerStore } from 'nestjs-wanpay/ledger';

    export declare function createEmptyDatabase(): Promise<string>;
    export declare function openMyStore(database: string): Promise<LedgerStore>;
  `,
  'src/shipping.module.ts': `
    import { Module } from '@nestjs/common';

    @Module({})
    export class ShippingModule {}
  `,
};

afterAll(() => rm(PROJECT, { recursive: true, force: true }));

it('compiles as the documents show it: tests of a host, many merchants, workers, a ledger', async () => {
  const shown = {
    ...(await shownIn('libs/wanpay/docs/testing.md', {
      'src/orders.module.ts': 'export class OrdersModule',
      'src/orders.spec.ts': 'WanPayTestingModule.forRoot()',
    })),
    ...(await shownIn('libs/wanpay-emulator/README.md', { 'src/paid-order.spec.ts': 'startWanPayEmulator(' })),
    ...(await shownIn('libs/wanpay/docs/several-merchants.md', {
      'src/merchants.ts': 'implements MerchantRegistry',
      'src/app.module.ts': 'inject: [VaultMerchants]',
    })),
    ...(await shownIn('libs/wanpay/docs/several-machines.md', {
      'src/database.ts': 'new pg.Pool(',
      'src/web.module.ts': 'delivery: { enabled: false }',
      'src/worker.module.ts': 'notifications: false',
      'src/worker.ts': 'enableShutdownHooks()',
    })),
    ...(await shownIn('libs/wanpay/docs/writing-a-ledger.md', {
      'src/my-store.ts': 'implements Pick<LedgerStore',
      'src/my-store.spec.ts': 'ledgerStoreConformance(',
    })),
  };
  expect(await compile(PROJECT, { ...HOST, ...shown })).toEqual([]);
});

/** The files that a document shows, by their paths. Each holds the text that is given with it. */
async function shownIn(document: string, texts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const blocks = codeBlocks(await readFile(join(ROOT, document), 'utf8'), 'ts');
  const shown = Object.keys(texts).map((path) => [path, blocks[path] ?? ''] as const);
  for (const [path, code] of shown) expect(code).toContain(texts[path]);
  return Object.fromEntries(shown);
}
