// A CommonJS host on Nest 11, without a build step: it starts, and reports each paid order on its standard output.
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory, RouterModule } = require('@nestjs/core');
const { ConfigModule } = require('@nestjs/config');
const { OnAtmEvent, wanpayConfig, WanPayModule, WanPayService } = require('nestjs-wanpay');

const say = (word, value) => process.stdout.write(`${JSON.stringify({ [word]: value })}\n`);

class Shipping {
  ship(event) {
    say('paid', event.orderNo);
  }
}
const ship = Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship');
OnAtmEvent('atm.paid')(Shipping.prototype, 'ship', ship);

class AppModule {}
Module({
  imports: [
    ConfigModule.forRoot({ load: [wanpayConfig] }),
    WanPayModule.forRootAsync(wanpayConfig.asProvider()),
    RouterModule.register([{ path: 'payments', module: WanPayModule }]),
  ],
  providers: [Shipping],
})(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.setGlobalPrefix('api');
  app.enableShutdownHooks();
  await app.listen(process.env.PORT, '127.0.0.1');
  say('nest', require('@nestjs/core/package.json').version);
  for (const orderNo of ['FORM', 'MULTIPART']) {
    await app.get(WanPayService).createPayment({ orderNo, amount: 1280 });
    say('opened', orderNo);
  }
}
void main();
