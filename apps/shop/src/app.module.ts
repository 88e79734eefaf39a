import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { type Clock, wanpayConfig, WanPayModule } from 'nestjs-wanpay';
import { SqliteStore } from 'nestjs-wanpay/sqlite';
import { WanPayDeskModule } from 'nestjs-wanpay-desk';
import { AssetsController } from './assets/assets.controller.js';
import { Catalogue } from './catalogue/catalogue.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { Checkout } from './checkout/checkout.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { DeskAccessModule } from './desk/desk-access.module.js';
import { deskUser } from './desk/desk-user.js';
import { DeskGuard } from './desk/desk.guard.js';
import { DemonstrationController } from './demonstration/demonstration.controller.js';
import { FailureSwitch } from './demonstration/failure-switch.js';
import { BankDesk } from './orders/bank-desk.js';
import { OrderTable } from './orders/order-table.js';
import { OrderController } from './orders/order.controller.js';
import { Orders } from './orders/orders.js';
import { PaymentEvents } from './orders/payment-events.js';
import { ErrorPageFilter } from './pages/error-page.filter.js';
import { toFormProblem } from './pages/form-problems.js';
import { LiveStreams } from './payment-page/live-streams.js';
import { SameOriginGuard } from './security/same-origin.guard.js';
import { CLOCK, ShopClockModule } from './shop-clock.module.js';
import { ShopDatabaseModule } from './shop-database.module.js';
import { shopConfig } from './shop.config.js';

/** A demonstration gives a delivery up after some seconds, so that nobody waits hours to see a dead letter. */
const DEMONSTRATION_ATTEMPTS = 4;

/** The whole shop. What it takes to be paid through WanPay is two imports, `Checkout` and `PaymentEvents`. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [wanpayConfig, shopConfig] }),
    WanPayModule.forRootAsync({
      imports: [ShopClockModule, ShopDatabaseModule],
      inject: [wanpayConfig.KEY, shopConfig.KEY, CLOCK, SqliteStore],
      useFactory: (
        wanpay: ConfigType<typeof wanpayConfig>,
        { emulatorUrl }: ConfigType<typeof shopConfig>,
        clock: Clock,
        ledger: SqliteStore,
      ) => ({
        ...wanpay,
        delivery: { ...(emulatorUrl === undefined ? {} : { maxAttempts: DEMONSTRATION_ATTEMPTS }), ...wanpay.delivery },
        clock,
        ledger,
      }),
    }),
    ShopClockModule,
    ShopDatabaseModule,
    WanPayDeskModule.forRoot({ path: 'desk', guards: [DeskGuard], imports: [DeskAccessModule], actor: deskUser }),
  ],
  controllers: [AssetsController, CatalogueController, CheckoutController, OrderController, DemonstrationController],
  providers: [
    Catalogue,
    Checkout,
    OrderTable,
    Orders,
    PaymentEvents,
    BankDesk,
    FailureSwitch,
    { provide: LiveStreams, useFactory: () => new LiveStreams() },
    { provide: APP_GUARD, useClass: SameOriginGuard },
    { provide: APP_FILTER, useClass: ErrorPageFilter },
    {
      provide: APP_PIPE,
      useFactory: () =>
        new ValidationPipe({
          transform: true,
          whitelist: true,
          forbidNonWhitelisted: true,
          exceptionFactory: toFormProblem,
        }),
    },
  ],
})
export class AppModule {}
