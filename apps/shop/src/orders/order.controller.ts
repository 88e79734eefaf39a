import { Controller, Get, HttpStatus, Inject, type MessageEvent, Param, Query, Sse } from '@nestjs/common';
import type { Clock } from 'nestjs-wanpay';
import { map, type Observable } from 'rxjs';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { livePayment } from '../payment-page/live-payment.js';
import { LiveStreams } from '../payment-page/live-streams.js';
import { CLOCK } from '../shop-clock.module.js';
import { BankDesk } from './bank-desk.js';
import { type Emulator, emulatorPart, orderPage } from './order.page.js';
import { type Order, shownPayment } from './order.js';
import { Orders } from './orders.js';

/**
 * The page of an order. The payer also comes back to it from the bank, perhaps with a query that says "paid": that is
 * never looked at, since only `atm.paid` is proof.
 */
@Controller('orders/:orderNo')
export class OrderController {
  constructor(
    private readonly orders: Orders,
    private readonly desk: BankDesk,
    private readonly streams: LiveStreams,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async show(@Param('orderNo') orderNo: string, @RequestLanguage() language: Language): Promise<string> {
    const order = await this.orderOrNotFound(orderNo);
    return orderPage({ order, now: this.clock.now(), emulator: await this.emulatorFor(order) }, language);
  }

  /** What the page is sent while it is open. */
  @Sse('live')
  async live(
    @Param('orderNo') orderNo: string,
    @Query('seen') seen: unknown,
    @RequestLanguage() language: Language,
  ): Promise<Observable<MessageEvent>> {
    const order = await this.orderOrNotFound(orderNo);
    const payments = this.orders.watch(orderNo).pipe(map(shownPayment));
    const children = emulatorPart(await this.emulatorFor(order), order);
    return this.streams.stream(livePayment(payments, { language, seen, now: () => this.clock.now(), children }));
  }

  private async orderOrNotFound(orderNo: string): Promise<Order> {
    const order = await this.orders.find(orderNo);
    if (order) return order;
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這筆訂單。', english: 'There is no such order.' }]);
  }

  private async emulatorFor({ payment, status }: Order): Promise<Emulator | undefined> {
    const deskUrl = payment && this.desk.pageOf(payment);
    if (!payment || deskUrl === undefined) return undefined;
    return { deskUrl, hasForgotten: status.kind === 'pending' && (await this.desk.hasForgotten(payment)) };
  }
}
