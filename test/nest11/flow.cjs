// What every host of this folder does: a shop on Nest 11, with the emulator in its own process and by its clock.
require('reflect-metadata');
const { once, EventEmitter } = require('node:events');
const { Module } = require('@nestjs/common');
const { NestFactory, RouterModule } = require('@nestjs/core');
const { ConfigModule } = require('@nestjs/config');
const { getMetadataStorage } = require('class-validator');

/** Far from the machine's time: the platform and the host refuse each other's messages unless they share a clock. */
const START = new Date('2030-01-05T12:00:00+08:00');

/** Takes one order through the emulator's notification and one through a multipart form; tells in one line what came of it. */
async function placeAndPay(wanpay, { signNotification, toTimestamp }, { startWanPayEmulator }, desk) {
  const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: START } });
  const { merchantNo, key } = emulator.merchant;
  Object.assign(process.env, {
    WANPAY_MERCHANT_NO: merchantNo,
    WANPAY_KEY: key,
    WANPAY_BASE_URL: emulator.baseUrl,
    WANPAY_PUBLIC_URL: `http://127.0.0.1:${process.env.PORT}`,
  });
  const handled = new EventEmitter();
  const app = await NestFactory.create(shopModule({ ...wanpay, ...desk }, emulator.clock, handled), {
    logger: ['error'],
  });
  app.setGlobalPrefix('api');
  await app.listen(process.env.PORT, '127.0.0.1');
  const service = app.get(wanpay.WanPayService);

  const { createdAt } = await service.createPayment({ orderNo: 'FORM', amount: 1280 });
  const [[form]] = await Promise.all([once(handled, 'paid'), emulator.pay('FORM')]);

  await service.createPayment({ orderNo: 'MULTIPART', amount: 1280 });
  const { notificationUrl } = emulator.order('MULTIPART');
  const fields = {
    orgno: merchantNo,
    out_trade_no: 'MULTIPART',
    status: '0000',
    total_fee: '128000',
    secondtimestamp: toTimestamp(emulator.clock.now()),
  };
  const body = new FormData();
  for (const [name, value] of Object.entries(signNotification(fields, key))) body.append(name, value);
  const isPaid = once(handled, 'paid');
  const answer = await (await fetch(notificationUrl, { method: 'POST', body })).text();
  const [multipart] = answer === 'success' ? await isPaid : [];

  const pages = await useDesk(`http://127.0.0.1:${process.env.PORT}/api/wanpay/desk`);

  await app.close();
  await emulator.close();
  return JSON.stringify({
    nest: require('@nestjs/core/package.json').version.split('.')[0],
    createdAt: createdAt.toISOString(),
    paid: [form, multipart],
    answer,
    path: new URL(notificationUrl).pathname,
    foreignValidations: foreignValidations(),
    desk: pages,
  });
}

/** Opens a page and a file, and sends a form, an upload, and a form of another site. */
async function useDesk(desk) {
  const post = async (below, body, site = 'same-origin') => {
    const headers = { 'sec-fetch-site': site };
    return (await fetch(`${desk}/${below}`, { method: 'POST', redirect: 'manual', headers, body })).status;
  };
  const page = await fetch(`${desk}/payments`);
  const statement = new FormData();
  statement.set('file', new Blob(['order,amount\nFORM,1280\n']), 'bank.csv');
  const note = { order: 'FORM', text: 'seen' };
  return {
    page: page.status,
    isShown: (await page.text()).includes('MULTIPART'),
    file: (await fetch(`${desk}/payments.csv`)).status,
    note: await post('payment/note', new URLSearchParams(note)),
    statement: await post('statement', statement),
    forged: await post('payment/note', new URLSearchParams(note), 'cross-site'),
  };
}

function shopModule({ OnAtmEvent, wanpayConfig, WanPayModule, WanPayDeskModule }, clock, handled) {
  class Shipping {
    ship({ orderNo }) {
      handled.emit('paid', orderNo);
    }
  }
  const ship = Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship');
  OnAtmEvent('atm.paid')(Shipping.prototype, 'ship', ship);

  class ShopModule {}
  const options = wanpayConfig.asProvider();
  Module({
    imports: [
      ConfigModule.forRoot({ load: [wanpayConfig] }),
      WanPayModule.forRootAsync({ ...options, useFactory: (configured) => ({ ...configured, clock }) }),
      WanPayDeskModule.forRoot({ guards: 'none' }),
      RouterModule.register([{ path: 'payments', module: WanPayModule }]),
    ],
    providers: [Shipping],
  })(ShopModule);
  return ShopModule;
}

/** The emulator's classes among those that the host's validator knows. */
function foreignValidations() {
  const known = [...getMetadataStorage().validationMetadatas.keys()].map(({ name }) => name);
  return known.filter((name) => /(Body|Query)$/.test(name));
}

module.exports = { placeAndPay, START };
