import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Inject,
  type MessageEvent,
  Param,
  Post,
  Query,
  Redirect,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { type Clock, InvalidCursorError, type PaymentPage, type PaymentState, WanPayService } from 'nestjs-wanpay';
import { auditTime, map, merge, type Observable } from 'rxjs';
import { Orders } from '../orders/orders.js';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { LiveStreams } from '../payment-page/live-streams.js';
import { CLOCK } from '../shop-clock.js';
import { deadLettersPage } from './dead-letters.page.js';
import { DeskGuard } from './desk.guard.js';
import { deskOrderPage } from './order.page.js';
import { ordersPage } from './orders.page.js';
import { PeriodForm, toPeriod, today } from './period.form.js';
import { reconciliationPage } from './reconciliation.page.js';
import { STATES } from './wording.js';

/** Many changes at once are one to look at. */
const PAUSE_MS = 200;

/** Where the merchant sees what the module's ledger knows. */
@Controller('desk')
@UseGuards(DeskGuard)
export class DeskController {
  constructor(
    private readonly wanpay: WanPayService,
    private readonly orders: Orders,
    private readonly streams: LiveStreams,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(
    @Query('state') wanted: unknown,
    @Query('after') after: unknown,
    @RequestLanguage() language: Language,
  ): Promise<string> {
    const state = isState(wanted) ? wanted : undefined;
    const from = typeof after === 'string' && after !== '' ? after : undefined;
    const [found, letters] = await Promise.all([this.find(state, from), this.wanpay.deadLetters()]);
    const counts = this.wanpay.deliveryCounts;
    return ordersPage({ ...found, state, after: from, counts, deadLetters: letters.length }, language);
  }

  @Get('orders/:orderNo')
  async order(@Param('orderNo') orderNo: string, @RequestLanguage() language: Language): Promise<string> {
    const payment = await this.wanpay.getPayment(orderNo);
    const timeline = await this.wanpay.getPaymentTimeline(orderNo);
    if (payment || timeline.length > 0) return deskOrderPage({ orderNo, payment, timeline }, language);
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這筆訂單。', english: 'There is no such order.' }]);
  }

  @Get('dead-letters')
  async deadLetters(@RequestLanguage() language: Language): Promise<string> {
    return deadLettersPage(await this.wanpay.deadLetters(), language);
  }

  @Post('dead-letters/:eventId/replay')
  @Redirect('/desk/dead-letters', HttpStatus.SEE_OTHER)
  async replay(@Param('eventId') eventId: string): Promise<void> {
    await this.wanpay.replay(eventId);
  }

  @Get('reconciliation')
  reconciliation(@RequestLanguage() language: Language): string {
    return reconciliationPage({ period: today(this.clock.now()) }, language);
  }

  @Post('reconciliation')
  @HttpCode(HttpStatus.OK)
  async reconcile(@Body() form: PeriodForm, @RequestLanguage() language: Language): Promise<string> {
    const report = await this.wanpay.reconcile(toPeriod(form));
    return reconciliationPage({ period: form, report }, language);
  }

  /** Tells open pages that something has changed; they then read themselves again. */
  @Sse('live')
  live(): Observable<MessageEvent> {
    const changes = merge(this.orders.changes$, this.wanpay.events$);
    return this.streams.stream(
      changes.pipe(
        auditTime(PAUSE_MS),
        map(() => ({ type: 'changed', data: '' })),
      ),
    );
  }

  private async find(state: PaymentState | undefined, after: string | undefined): Promise<PaymentPage> {
    try {
      return await this.wanpay.listPayments({ ...(state ? { states: [state] } : {}), ...(after ? { after } : {}) });
    } catch (error) {
      if (!(error instanceof InvalidCursorError)) throw error;
      const problem = { chinese: '沒有這一頁。', english: 'The list has no such page.' };
      throw new Problem(HttpStatus.BAD_REQUEST, [problem], { cause: error });
    }
  }
}

function isState(value: unknown): value is PaymentState {
  return typeof value === 'string' && Object.hasOwn(STATES, value);
}
