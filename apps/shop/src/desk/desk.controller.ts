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
import { type Clock, type PaymentState, WanPayService } from 'nestjs-wanpay';
import { InvalidCursorError } from 'nestjs-wanpay/ledger';
import { auditTime, map, merge, type Observable } from 'rxjs';
import { Orders } from '../orders/orders.js';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { LiveStreams } from '../payment-page/live-streams.js';
import { CLOCK } from '../shop-clock.js';
import { AcceptForm, orNothingToAccept } from './accept.form.js';
import { deadLettersPage } from './dead-letters.page.js';
import { countOutstanding, readUndelivered } from './deliveries.js';
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
    const from = readCursor(after);
    const filter = { ...(state ? { states: [state] } : {}), ...(from ? { after: from } : {}) };
    const found = await orNoSuchPage(this.wanpay.listPayments(filter));
    const counts = { ...this.wanpay.deliveryCounts, ...countOutstanding(await this.wanpay.handlers()) };
    return ordersPage({ ...found, state, after: from, counts }, language);
  }

  @Get('orders/:orderNo')
  async order(@Param('orderNo') orderNo: string, @RequestLanguage() language: Language): Promise<string> {
    const payment = await this.wanpay.getPayment(orderNo);
    const timeline = await this.wanpay.getPaymentTimeline(orderNo);
    if (payment || timeline.length > 0) return deskOrderPage({ orderNo, payment, timeline }, language);
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這筆訂單。', english: 'There is no such order.' }]);
  }

  /** A person decides that money which the platform reported is this order's. */
  @Post('orders/:orderNo/accept')
  @Redirect('', HttpStatus.SEE_OTHER)
  async accept(@Param('orderNo') orderNo: string, @Body() { reason }: AcceptForm): Promise<{ url: string }> {
    await orNothingToAccept(this.wanpay.acceptPayment(orderNo, { reason }));
    return { url: `/desk/orders/${encodeURIComponent(orderNo)}` };
  }

  @Get('dead-letters')
  async deadLetters(@Query('after') after: unknown, @RequestLanguage() language: Language): Promise<string> {
    const from = readCursor(after);
    return deadLettersPage({ ...(await orNoSuchPage(readUndelivered(this.wanpay, from))), after: from }, language);
  }

  /** The delivery then waits, and the page says so until its handler is done. */
  @Post('dead-letters/:id/replay')
  @Redirect('/desk/dead-letters', HttpStatus.SEE_OTHER)
  async replay(@Param('id') id: string): Promise<void> {
    await this.wanpay.replayDelivery(id);
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
}

function readCursor(after: unknown): string | undefined {
  return typeof after === 'string' && after !== '' ? after : undefined;
}

/** @throws Problem when the list has no such page */
async function orNoSuchPage<Page>(page: Promise<Page>): Promise<Page> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof InvalidCursorError)) throw error;
    const problem = { chinese: '沒有這一頁。', english: 'The list has no such page.' };
    throw new Problem(HttpStatus.BAD_REQUEST, [problem], { cause: error });
  }
}

function isState(value: unknown): value is PaymentState {
  return typeof value === 'string' && Object.hasOwn(STATES, value);
}
