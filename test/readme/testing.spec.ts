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

it('compiles as the READMEs show it: a unit test of a host, and one with the emulator in the process', async () => {
  const shown = {
    ...(await testShownIn('libs/wanpay/README.md', 'src/orders.spec.ts', 'WanPayTestingModule.forRoot()')),
    ...(await testShownIn('libs/wanpay-emulator/README.md', 'src/paid-order.spec.ts', 'startWanPayEmulator(')),
  };
  expect(await compile(PROJECT, { ...HOST, ...shown })).toEqual([]);
});

async function testShownIn(readme: string, path: string, text: string): Promise<Record<string, string>> {
  const shown = codeBlocks(await readFile(join(ROOT, readme), 'utf8'), 'ts')[path] ?? '';
  expect(shown).toContain(text);
  return { [path]: shown };
}
