import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { answers, Child } from '../processes/child.js';
import { freePort } from '../processes/ports.js';
import { codeBlocks, compile, ROOT } from './readme-project.js';

/** Within the workspace, so that the packages resolve as they would for a user. */
const PROJECT = fileURLToPath(new URL('payment-page', import.meta.url));
const SHOP = join(ROOT, 'apps', 'shop');
const PARTS = join(SHOP, 'src', 'payment-page');

/** What the host has already: the module, and something that opens a payment. */
const HOST = {
  'src/app.module.ts': `
    import { Controller, Module, Param, Post } from '@nestjs/common';
    import { ConfigModule } from '@nestjs/config';
    import { wanpayConfig, WanPayModule, WanPayService } from 'nestjs-wanpay';
    import { PayController } from './pay.controller.js';

    @Controller('orders')
    class OrdersController {
      constructor(private readonly wanpay: WanPayService) {}

      @Post(':orderNo')
      async place(@Param('orderNo') orderNo: string): Promise<void> {
        await this.wanpay.createPayment({ orderNo, amount: 1280 });
      }
    }

    @Module({
      imports: [ConfigModule.forRoot({ load: [wanpayConfig] }), WanPayModule.forRootAsync(wanpayConfig.asProvider())],
      controllers: [PayController, OrdersController],
    })
    export class AppModule {}
  `,
};

let emulator: WanPayEmulator;
let host: Child | undefined;

beforeAll(async () => {
  emulator = await startWanPayEmulator();
});

afterAll(async () => {
  await host?.stop();
  await emulator.close();
  await rm(PROJECT, { recursive: true, force: true });
});

it('is taken over as the shop’s README shows it', async () => {
  const readme = await readFile(join(SHOP, 'README.md'), 'utf8');
  const shown = { ...codeBlocks(readme, 'tsx'), ...codeBlocks(readme, 'ts') };
  expect(Object.keys(shown)).toEqual(['src/pay.controller.tsx', 'src/main.ts']);
  expect(
    await compile(PROJECT, { ...shown, ...HOST, ...(await parts(/(?<!\.spec)\.tsx?$/, 'src/payment-page')) }),
  ).toEqual([]);
  for (const name of ['payment-page.css', 'payment-page.client.js']) {
    await cp(join(PARTS, name), join(PROJECT, 'public', name));
  }

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { merchantNo, key } = emulator.merchant;
  host = new Child(join(PROJECT, 'dist', 'main.js'), {
    PORT: String(port),
    WANPAY_MERCHANT_NO: merchantNo,
    WANPAY_KEY: key,
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: url,
  });
  await answers(url);
  await fetch(`${url}/orders/A1`, { method: 'POST' });

  const page = await (await fetch(`${url}/pay/A1`)).text();
  expect(page).toMatch(/<dd>\d{4} \d{4} \d{4} \d{2}<\/dd>/);
  for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 200 });
  }

  const live = await fetch(`${url}/pay/A1/live?seen=pending`);
  await emulator.pay('A1');
  expect(await textUpTo('已付款', live)).toMatch(/event: status[^]*已付款/);
  expect(await (await fetch(`${url}/pay/A1`)).text()).toContain('已付款');
}, 60_000);

/** What a page hears up to these words. It stays connected, since more money may come. */
async function textUpTo(words: string, { body }: Response): Promise<string> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes(words)) break;
  }
  return text;
}

async function parts(names: RegExp, folder: string): Promise<Record<string, string>> {
  const found = (await readdir(PARTS)).filter((name) => names.test(name));
  const files = found.map(async (name) => [`${folder}/${name}`, await readFile(join(PARTS, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(files));
}
