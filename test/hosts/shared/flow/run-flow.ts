import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication, Type } from '@nestjs/common';
import { WanPayConfigurationError, WanPayError, WanPayService } from 'nestjs-wanpay';
import { ledgerStoreConformance } from 'nestjs-wanpay/ledger-conformance';
import { MemoryStore } from 'nestjs-wanpay/ledger';
import { postgresMigrations } from 'nestjs-wanpay/postgres';
import { startWanPayEmulator } from 'wanpay-emulator';

/** What the flow needs of a host. Each imports them in its own way: with `.js` or without. */
export interface HostParts {
  readonly module: Type;
  readonly shipping: Type<{ readonly paid: readonly string[] }>;
}

/** Orders, pays, is notified, and waits for the handler; tells what came of it in one line. */
export async function runFlow(
  { module, shipping }: HostParts,
  create: (module: Type) => Promise<INestApplication>,
): Promise<string> {
  const emulator = await startWanPayEmulator();
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-host-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  Object.assign(process.env, {
    LEDGER: join(folder, 'wanpay.db'),
    WANPAY_MERCHANT_NO: emulator.merchant.merchantNo,
    WANPAY_KEY: emulator.merchant.key,
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: url,
  });
  const app = await create(module);
  try {
    await app.listen(port, '127.0.0.1');
    const checkout = await fetch(`${url}/checkout/ORDER1`, { method: 'POST' });
    const { payTo } = (await checkout.json()) as { payTo: string };
    const { account } = await emulator.pay('ORDER1');
    const answer = emulator.notifications().at(-1)?.replyBody;
    await until(() => app.get(shipping).paid.length > 0);
    const { state } = (await app.get(WanPayService).getPayment('ORDER1')) ?? {};
    const isShown = payTo === `${account.bankCode}-${account.number}`;
    const isOurs = new WanPayConfigurationError([]) instanceof WanPayError;
    const cases = ledgerStoreConformance(() =>
      Promise.resolve({ store: new MemoryStore(), close: () => Promise.resolve() }),
    );
    await cases[0]?.run();
    const steps = postgresMigrations().length;
    return `${isShown} ${answer} ${app.get(shipping).paid.join()} ${state} ${isOurs} ${steps}`;
  } finally {
    await app.close();
    await emulator.close();
    await rm(folder, { recursive: true });
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('Timed out waiting for the handler.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
