const { once } = require('node:events');
const { mkdtemp, rm } = require('node:fs/promises');
const { createServer } = require('node:http');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { text } = require('node:stream/consumers');
const { setTimeout } = require('node:timers/promises');
const { WanPayConfigurationError, WanPayError, WanPayService } = require('nestjs-wanpay');
const { postgresMigrations } = require('nestjs-wanpay/postgres');
const { signNotification } = require('nestjs-wanpay/protocol');
const { AppModule } = require('./app.module');
const { Shipping } = require('./shipping');

const MERCHANT = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };

/** Orders, pays, is notified, and waits for the handler; tells what came of it in one line. */
async function orderPayNotify(create) {
  const platform = await startFakePlatform();
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-host-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  Object.assign(process.env, {
    LEDGER: join(folder, 'wanpay.db'),
    WANPAY_MERCHANT_NO: MERCHANT.merchantNo,
    WANPAY_KEY: MERCHANT.key,
    WANPAY_BASE_URL: platform.baseUrl,
    WANPAY_PUBLIC_URL: url,
  });
  const app = await create(AppModule);
  try {
    await app.listen(port, '127.0.0.1');
    const checkout = await fetch(`${url}/checkout/ORDER1`, { method: 'POST' });
    const { payTo, amount } = await checkout.json();
    const answer = await platform.pay('ORDER1', amount);
    const { paid } = app.get(Shipping);
    for (let waits = 0; paid.length === 0 && waits < 1000; waits++) await setTimeout(10);
    const { state } = await app.get(WanPayService).getPayment('ORDER1');
    const isOurs = new WanPayConfigurationError([]) instanceof WanPayError;
    return `${payTo} ${answer} ${paid.join()} ${state} ${isOurs} ${postgresMigrations().length}`;
  } finally {
    await app.close();
    platform.close();
    await rm(folder, { recursive: true });
  }
}

/** Opens every order, and tells the host of the money when it is told to. */
async function startFakePlatform() {
  const notificationUrls = new Map();
  const server = createServer(async (request, response) => {
    const fields = new URLSearchParams(await text(request));
    const orderNo = fields.get('out_trade_no');
    notificationUrls.set(orderNo, fields.get('backurl'));
    const data = {
      code_url: '46710722851832',
      expiredate: '2099-12-31 23:59:59',
      bankcode: '013',
      bankname: '國泰世華商業銀行',
      branchcode: '2022',
      branchname: '大昌分行',
      receiver: '旺沛大數位股份有限公司',
      out_trade_no: orderNo,
    };
    response.end(JSON.stringify({ status: '900', info: '下单成功', data }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    async pay(orderNo, amount) {
      const fields = { orgno: MERCHANT.merchantNo, out_trade_no: orderNo, status: '0000', total_fee: `${amount}00` };
      const body = new URLSearchParams(signNotification(fields, MERCHANT.key));
      return (await fetch(notificationUrls.get(orderNo), { method: 'POST', body })).text();
    },
    close: () => server.close(),
  };
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
