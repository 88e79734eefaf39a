// A Nest application on Express that gives ECPay's callbacks to @rytass/payments-adapter-ecpay, as its Nest module does.
import 'reflect-metadata';
import { Controller, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Channel, ECPayPayment } from '@rytass/payments-adapter-ecpay';

const AMOUNT = 1280;
const gateway = new ECPayPayment({
  merchantId: '2000132',
  hashKey: '5294y06JbISpM5x9',
  hashIv: 'v77hoKGq4kWxNNIS',
  serverHost: 'http://127.0.0.1',
  callbackPath: '/payments/callbacks',
  onCommit: () => undefined,
});

class Callbacks {
  receive(request, response) {
    return gateway.defaultServerListener(request, response);
  }
}
Req()(Callbacks.prototype, 'receive', 0);
Res()(Callbacks.prototype, 'receive', 1);
Post('callbacks')(Callbacks.prototype, 'receive', Object.getOwnPropertyDescriptor(Callbacks.prototype, 'receive'));
Controller('payments')(Callbacks);

class AppModule {}
Module({ controllers: [Callbacks] })(AppModule);

process.once('disconnect', () => process.exit());
process.on('message', async ({ orders }) => {
  for (const id of orders) {
    const items = [{ name: 'book', unitPrice: AMOUNT, quantity: 1 }];
    const order = await gateway.prepare({ id, channel: Channel.VIRTUAL_ACCOUNT, items });
    // The payer was sent to ECPay, which told the account.
    void order.form;
    order.infoRetrieved({ channel: Channel.VIRTUAL_ACCOUNT }, 'ATM_BOT');
  }
  process.send({ numbers: [] });
});
// The adapter reads the body itself.
const app = await NestFactory.create(AppModule, { logger: false, bodyParser: false });
await app.listen(0, '127.0.0.1');
process.send({ numbers: [app.getHttpServer().address().port] });
