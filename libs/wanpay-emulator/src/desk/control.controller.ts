import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { VirtualClock } from '../clock/virtual-clock.js';
import { Notifier } from '../notifications/notifier.js';
import { OrderBook } from '../orders/order-book.js';
import { ControlErrorFilter } from './desk-error.filter.js';
import { readJson } from './desk-input.js';
import { sendJson } from './desk-response.js';
import { DeskGuard } from './desk.guard.js';
import { Operator } from './operator.js';

/** The desk for programs: the same, in JSON. */
@Controller('api')
@UseGuards(DeskGuard)
@UseFilters(ControlErrorFilter)
export class ControlController {
  constructor(
    private readonly book: OrderBook,
    private readonly notifier: Notifier,
    private readonly clock: VirtualClock,
    private readonly operator: Operator,
  ) {}

  @Get('orders')
  orders(@Res() response: ServerResponse): void {
    sendJson(response, this.book.list());
  }

  @Get('orders/:merchantNo/:orderNo')
  order(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Res() response: ServerResponse,
  ): void {
    sendJson(response, this.book.get({ merchantNo, orderNo }));
  }

  @Get('notifications')
  notifications(@Res() response: ServerResponse): void {
    sendJson(response, this.notifier.attempts());
  }

  @Post('orders/:merchantNo/:orderNo/:action')
  async act(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Param('action') action: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const ref = { merchantNo, orderNo };
    await this.operator.act(action, ref, await readJson(request));
    sendJson(response, this.book.get(ref));
  }

  @Get('clock')
  showClock(@Res() response: ServerResponse): void {
    const { stopped, nextTimerAt } = this.clock;
    sendJson(response, { now: this.clock.now(), stopped, nextTimerAt });
  }

  @Post('clock')
  async setClock(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await this.operator.setClock(await readJson(request));
    this.showClock(response);
  }
}
