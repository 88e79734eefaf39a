// A Nest application on Express whose handler @golevelup/nestjs-stripe calls for signed webhooks, as its documentation says.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import golevelup from '@golevelup/nestjs-stripe';

const { StripeModule, StripeWebhookHandler } = golevelup;
const stripeSecrets = { account: 'whsec_bench', accountTest: 'whsec_bench' };

class Shipping {
  ship() {}
}
StripeWebhookHandler('payment_intent.succeeded')(
  Shipping.prototype,
  'ship',
  Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship'),
);

class AppModule {}
Module({
  imports: [
    StripeModule.forRoot({ apiKey: 'sk_test_bench', webhookConfig: { stripeSecrets, requestBodyProperty: 'rawBody' } }),
  ],
  providers: [Shipping],
})(AppModule);

process.once('disconnect', () => process.exit());
const app = await NestFactory.create(AppModule, { logger: false, rawBody: true });
await app.listen(0, '127.0.0.1');
process.send({ numbers: [app.getHttpServer().address().port] });
