import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { VirtualClock } from '../clock/virtual-clock.js';
import { Notifier } from '../notifications/notifier.js';
import { OrderBook } from '../orders/order-book.js';
import { DeskErrorFilter } from './desk-error.filter.js';
import { readDeskForm } from './desk-input.js';
import { redirect, sendPage, sendStyle } from './desk-response.js';
import { DESK_CSS } from './desk.css.js';
import { DeskGuard } from './desk.guard.js';
import { Operator } from './operator.js';
import { listPage, orderPage, orderPath } from './pages.js';

/** The bank desk: pages on which a person pays, or doesn't. */
@Controller()
@UseGuards(DeskGuard)
@UseFilters(DeskErrorFilter)
export class DeskController {
  constructor(
    private readonly book: OrderBook,
    private readonly notifier: Notifier,
    private readonly clock: VirtualClock,
    private readonly operator: Operator,
  ) {}

  @Get()
  list(@Res() response: ServerResponse): void {
    sendPage(response, listPage(this.book.list(), this.clock));
  }

  @Get('desk.css')
  style(@Res() response: ServerResponse): void {
    sendStyle(response, DESK_CSS);
  }

  @Get('orders/:merchantNo/:orderNo')
  order(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Res() response: ServerResponse,
  ): void {
    const order = this.book.get({ merchantNo, orderNo });
    sendPage(response, orderPage(order, this.notifier.attemptsFor(order)));
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
    await this.operator.act(action, ref, await readDeskForm(request));
    redirect(response, orderPath(ref));
  }

  @Post('clock')
  async setClock(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await this.operator.setClock(await readDeskForm(request));
    redirect(response, '/');
  }
}
