import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Get, NotFoundException, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiDocument } from '../api/document.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { ConsoleGuard } from '../http/console.guard.js';
import { isLoopback } from '../http/own-site.js';
import { sendFresh, SECURITY_HEADERS } from '../http/security-headers.js';
import { Journal } from '../journal/journal.js';
import { Merchants } from '../merchants/merchants.js';
import { Notifier } from '../notifications/notifier.js';
import { OrderBook } from '../orders/order-book.js';
import { findAsset } from './assets.js';
import { clockFragment } from './clock.fragment.js';
import { docsPage } from './docs.page.js';
import { faultsPage } from './faults.page.js';
import { type Surroundings } from './layout.js';
import { merchantsPage } from './merchants.page.js';
import { orderPage } from './order.page.js';
import { ordersPage } from './orders.page.js';
import { pageOf } from './paging.js';
import { requestPage, requestsPage } from './requests.page.js';

const FOR_EVER = 'public, max-age=31536000, immutable';

/** What an address may say after its question mark; a repeated name counts for nothing. */
type PageQuery = Readonly<Record<string, unknown>>;

/** The console: pages on which a person watches, pays, and lets things go wrong. They change nothing by themselves. */
@Controller()
@UseGuards(ConsoleGuard)
export class ConsoleController {
  constructor(
    private readonly settings: EmulatorSettings,
    private readonly book: OrderBook,
    private readonly journal: Journal,
    private readonly notifier: Notifier,
    private readonly clock: VirtualClock,
    private readonly faults: FaultPlan,
    private readonly merchants: Merchants,
    private readonly apiDocument: ApiDocument,
  ) {}

  @Get()
  orders(@Query() query: PageQuery, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const search = text(query.q) ?? '';
    const orders = this.book.list().filter(({ orderNo }) => orderNo.includes(search.trim().toUpperCase()));
    sendPage(response, ordersPage(pageOf(orders, text(query.page)), search, this.#around(request)));
  }

  @Get('orders/:merchantNo/:orderNo')
  order(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): void {
    const ref = { merchantNo, orderNo };
    const entries = this.journal.entriesOf(ref);
    const order = entries.length > 0 ? this.book.find(ref) : this.book.get(ref);
    const nextAttempts = this.notifier.nextAttempts(ref);
    sendPage(response, orderPage({ ref, order, entries, nextAttempts }, this.#around(request)));
  }

  @Get('requests')
  requests(@Query() query: PageQuery, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    sendPage(response, requestsPage(pageOf(this.journal.requests(), text(query.page)), this.#around(request)));
  }

  @Get('requests/:id')
  request(@Param('id') id: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const entry = this.journal.findRequest(Number(id));
    if (!entry) throw new NotFoundException('There is no such request, or it was forgotten.');
    sendPage(response, requestPage(entry, this.#around(request)));
  }

  @Get('faults')
  faultList(@Query() query: PageQuery, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const [merchantNo, orderNo] = [text(query.merchantNo), text(query.orderNo)];
    const preset = { ...(merchantNo ? { merchantNo } : {}), ...(orderNo ? { orderNo } : {}) };
    sendPage(response, faultsPage(this.faults.armed(), preset, this.#around(request)));
  }

  @Get('merchants')
  merchantList(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    sendPage(response, merchantsPage(this.merchants.list(), this.#around(request)));
  }

  @Get('api/docs')
  docs(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    sendPage(response, docsPage(this.apiDocument.get(), this.#around(request)));
  }

  @Get('clock')
  clockFace(@Res() response: ServerResponse): void {
    sendPage(response, clockFragment(this.clock));
  }

  @Get('assets/:version/:name')
  asset(@Param('version') version: string, @Param('name') name: string, @Res() response: ServerResponse): void {
    const asset = findAsset(version, name);
    if (!asset) throw new NotFoundException('There is no such file.');
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': asset.contentType, 'cache-control': FOR_EVER });
    response.end(asset.content);
  }

  #around({ url = '/' }: IncomingMessage): Surroundings {
    return { path: url, clock: this.clock, isOpenToOthers: !isLoopback(this.settings.host) };
  }
}

function sendPage(response: ServerResponse, page: string): void {
  sendFresh(response, 'text/html', page);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
