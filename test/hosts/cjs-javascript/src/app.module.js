const { Module } = require('@nestjs/common');
const { ConfigModule } = require('@nestjs/config');
const { wanpayConfig, WanPayModule } = require('nestjs-wanpay');
const { sqlite } = require('nestjs-wanpay/sqlite');
const { CheckoutController } = require('./checkout.controller');
const { Shipping } = require('./shipping');

class AppModule {}
Module({
  imports: [
    ConfigModule.forRoot({ load: [wanpayConfig] }),
    WanPayModule.forRootAsync({
      imports: [ConfigModule.forFeature(wanpayConfig)],
      inject: [wanpayConfig.KEY],
      useFactory: (options) => ({ ...options, ledger: sqlite({ file: process.env.LEDGER }) }),
    }),
  ],
  controllers: [CheckoutController],
  providers: [Shipping],
})(AppModule);

module.exports = { AppModule };
