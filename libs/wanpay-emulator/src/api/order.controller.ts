import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { Bank } from '../bank/bank.js';
import { answer, sendJson } from '../http/answer.js';
import { Journal } from '../journal/journal.js';
import { Notifier } from '../notifications/notifier.js';
import { orderPath } from '../console/paths.js';
import { OrderBook } from '../orders/order-book.js';
import { Scenarios } from '../scenarios/scenario.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation } from './described.js';
import { CloseBody, NewOrderBody, OrderListQuery, PaymentBody, paymentOf, ResendBody } from './order.bodies.js';
import { listOf, one } from './schemas.js';

/** The bank desk, for programs and for the console's forms. */
@ControlApi('orders')
export class OrderController {
  constructor(
    private readonly book: OrderBook,
    private readonly bank: Bank,
    private readonly notifier: Notifier,
    private readonly journal: Journal,
    private readonly scenarios: Scenarios,
  ) {}

  @Get()
  @Operation('Every order, oldest first', listOf('Order'))
  list(@Query() { limit, offset = 0, state }: OrderListQuery, @Res() response: ServerResponse): void {
    const orders = this.book.list().filter((order) => state === undefined || order.state === state);
    sendJson(response, orders.slice(offset, limit === undefined ? undefined : offset + limit));
  }

  @Post()
  @HttpCode(200)
  @Operation('Opens an order as a merchant would, and goes on with it', one('Order'))
  async open(
    @Body() { scenario, ...fields }: NewOrderBody,
    @Req() { socket }: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const address = socket.localAddress ?? '';
    const host = address.includes(':') ? `[${address}]` : address;
    const order = await this.scenarios.play(`http://${host}:${socket.localPort ?? 0}/wxzfservice`, fields, scenario);
    answer(response, order, orderPath(order));
  }

  @Get(':merchantNo/:orderNo')
  @Operation('One order', one('Order'))
  show(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Res() response: ServerResponse,
  ): void {
    sendJson(response, this.book.get({ merchantNo, orderNo }));
  }

  @Get(':merchantNo/:orderNo/timeline')
  @Operation('All that happened to an order, refused requests included, oldest first', listOf('JournalEntry'))
  timeline(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Res() response: ServerResponse,
  ): void {
    sendJson(response, this.journal.entriesOf({ merchantNo, orderNo }));
  }

  @Post(':merchantNo/:orderNo/pay')
  @HttpCode(200)
  @Operation('A payer pays; answered once the first notification attempt has ended', one('Order'))
  async pay(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Body() body: PaymentBody,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const ref = { merchantNo, orderNo };
    await this.bank.pay(ref, paymentOf(body));
    if (body.twice) await this.bank.pay(ref, { ...paymentOf(body), again: true });
    answer(response, this.book.get(ref));
  }

  @Post(':merchantNo/:orderNo/fail')
  @HttpCode(200)
  @Operation('The payer’s transfer fails (5805)', one('Order'))
  async fail(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    answer(response, await this.bank.fail({ merchantNo, orderNo }));
  }

  @Post(':merchantNo/:orderNo/close')
  @HttpCode(200)
  @Operation('The platform closes the order (5803)', one('Order'))
  async close(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Body() { notify }: CloseBody,
    @Res() response: ServerResponse,
  ): Promise<void> {
    answer(response, await this.bank.close({ merchantNo, orderNo }, notify));
  }

  @Post(':merchantNo/:orderNo/resend')
  @HttpCode(200)
  @Operation('Sends a notification once more, newly signed', one('NotificationAttempt'))
  async resend(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Body() { notification }: ResendBody,
    @Res() response: ServerResponse,
  ): Promise<void> {
    answer(response, await this.notifier.resend({ merchantNo, orderNo }, notification));
  }
}
