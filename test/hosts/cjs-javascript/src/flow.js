const { once } = require('node:events');
const { mkdtemp, rm } = require('node:fs/promises');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');
const { WanPayConfigurationError, WanPayError, WanPayService } = require('nestjs-wanpay');
const { postgresMigrations } = require('nestjs-wanpay/postgres');
const { startWanPayEmulator } = require('wanpay-emulator');
const { AppModule } = require('./app.module');
const { Shipping } = require('./shipping');

/** Orders, pays, is notified, and waits for the handler; tells what came of it in one line. */
async function orderPayNotify(create) {
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
  const app = await create(AppModule);
  try {
    await app.listen(port, '127.0.0.1');
    const checkout = await fetch(`${url}/checkout/ORDER1`, { method: 'POST' });
    const { payTo } = await checkout.json();
    const { account } = await emulator.pay('ORDER1');
    const answer = emulator.notifications().at(-1)?.replyBody;
    const { paid } = app.get(Shipping);
    for (let waits = 0; paid.length === 0 && waits < 1000; waits++) await setTimeout(10);
    const { state } = await app.get(WanPayService).getPayment('ORDER1');
    const isShown = payTo === `${account.bankCode}-${account.number}`;
    const isOurs = new WanPayConfigurationError([]) instanceof WanPayError;
    return `${isShown} ${answer} ${paid.join()} ${state} ${isOurs} ${postgresMigrations().length}`;
  } finally {
    await app.close();
    await emulator.close();
    await rm(folder, { recursive: true });
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

module.exports = { orderPayNotify };
