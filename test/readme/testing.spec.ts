import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { codeBlocks, compile, ROOT } from './readme-project.js';

/** Within the workspace, so that the packages resolve as they would for a user. */
const PROJECT = fileURLToPath(new URL('testing', import.meta.url));

/** What the host has already. */
const HOST = {
  'src/orders.module.ts': `
    import { Injectable, Module } from '@nestjs/common';
    import { type AtmEventOf, OnAtmEvent, WanPayService } from 'nestjs-wanpay';

    @Injectable()
    export class OrdersService {
      readonly shipped: string[] = [];

      constructor(private readonly wanpay: WanPayService) {}

      async place(orderNo: string): Promise<void> {
        await this.wanpay.createPayment({ orderNo, amount: 1280 });
      }

      @OnAtmEvent('atm.paid')
      ship({ orderNo }: AtmEventOf<'atm.paid'>): void {
        this.shipped.push(orderNo);
      }
    }

    @Module({ providers: [OrdersService] })
    export class OrdersModule {}
  `,
};

afterAll(() => rm(PROJECT, { recursive: true, force: true }));

it('compiles as the README shows it: a unit test of a host', async () => {
  const readme = await readFile(join(ROOT, 'libs/wanpay/README.md'), 'utf8');
  const shown = codeBlocks(readme, 'ts')['src/orders.spec.ts'] ?? '';
  expect(shown).toContain('WanPayTestingModule.forRoot()');
  expect(await compile(PROJECT, { ...HOST, 'src/orders.spec.ts': shown })).toEqual([]);
});
