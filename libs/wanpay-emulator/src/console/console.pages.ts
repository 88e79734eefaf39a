import { type IncomingMessage } from 'node:http';
import { Injectable, NotFoundException } from '@nestjs/common';
import { ApiDocument } from '../api/document.js';
import { Bank } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { isLoopback } from '../http/loopback.js';
import { Journal } from '../journal/journal.js';
import { Merchants } from '../merchants/merchants.js';
import { TEST_MERCHANT } from '../merchants/test-merchant.js';
import { Notifier } from '../notifications/notifier.js';
import { OrderBook } from '../orders/order-book.js';
import { isSameOrder, type OrderRef } from '../orders/order-ref.js';
import { ApplicationClocks } from '../platform/application-clocks.js';
import { FreshSession } from '../session/fresh-session.js';
import { docsPage } from './docs.page.js';
import { faultsPage } from './faults.page.js';
import { languageOf } from './language.js';
import { merchantsPage } from './merchants.page.js';
import { type AttemptResult, notificationsPage } from './notifications.page.js';
import { matches, readFilter } from './order-filter.js';
import { orderPage } from './order.page.js';
import { ordersPage } from './orders.page.js';
import { pageOf } from './paging.js';
import { requestPage, requestsPage } from './requests.page.js';
import { sampleCurl } from './sample-order.js';
import { sessionPage } from './session.page.js';
import { type Start } from './start-here.js';
import { type FormProblem, type Surroundings } from './surroundings.js';

type Show = (names: readonly string[], query: URLSearchParams, around: Surroundings) => string;

/** Every page by its address. They change nothing by themselves. */
@Injectable()
export class ConsolePages {
  readonly #routes: readonly (readonly [RegExp, Show])[] = [
    [/^\/$/, (_, query, around) => this.#orders(query, around)],
    [
      /^\/orders\/([^/]+)\/([^/]+)$/,
      ([merchantNo = '', orderNo = ''], _, around) => this.#order({ merchantNo, orderNo }, around),
    ],
    [/^\/notifications$/, (_, query, around) => this.#notifications(query, around)],
    [
      /^\/requests$/,
      (_, query, around) => requestsPage(pageOf(this.journal.requests(), query.get('page') ?? undefined), around),
    ],
    [/^\/requests\/([^/]+)$/, ([number], _, around) => this.#request(Number(number), around)],
    [/^\/faults$/, (_, query, around) => faultsPage(this.faults.armed(), presetOf(query), around)],
    [/^\/merchants$/, (_, __, around) => merchantsPage(this.merchants.list(), around)],
    [/^\/session$/, (_, __, around) => sessionPage(this.#kept(), around)],
    [/^\/api\/docs$/, (_, __, around) => docsPage(this.apiDocument.get(), this.#example(), around)],
  ];

  constructor(
    private readonly settings: EmulatorSettings,
    private readonly book: OrderBook,
    private readonly bank: Bank,
    private readonly journal: Journal,
    private readonly notifier: Notifier,
    private readonly clock: VirtualClock,
    private readonly faults: FaultPlan,
    private readonly merchants: Merchants,
    private readonly session: FreshSession,
    private readonly applications: ApplicationClocks,
    private readonly apiDocument: ApiDocument,
  ) {}

  /**
   * The page at a path, with a form's problem on it where there is one.
   *
   * @throws NotFoundException, UnknownOrderError when there is none
   */
  show(request: IncomingMessage, path: string, problem?: FormProblem): string {
    const { pathname, searchParams } = new URL(path, 'http://console');
    for (const [pattern, show] of this.#routes) {
      const [, ...names] = pattern.exec(pathname) ?? [];
      if (pattern.test(pathname)) return show(names.map(decode), searchParams, this.around(request, path, problem));
    }
    throw new NotFoundException('There is no such page.');
  }

  /** What every page shows besides its own content. */
  around({ headers }: IncomingMessage, path: string, problem?: FormProblem): Surroundings {
    return {
      path,
      origin: `http://${headers.host ?? ''}`,
      language: languageOf(headers),
      clock: this.clock,
      isOpenToOthers: !isLoopback(this.settings.host),
      armed: this.faults.armed(),
      differing: this.applications.differing(),
      ...(problem ? { problem } : {}),
    };
  }

  #orders(query: URLSearchParams, around: Surroundings): string {
    const all = this.book.list();
    const filter = readFilter(query.get('q') ?? '', query.get('state') ?? undefined);
    const orders = pageOf(
      all.filter((order) => matches(order, filter)),
      query.get('page') ?? undefined,
    );
    const merchants = this.merchants.list();
    return ordersPage({ orders, total: all.length, filter, merchants, start: this.#start(around) }, around);
  }

  #order(ref: OrderRef, around: Surroundings): string {
    const entries = this.journal.entriesOf(ref);
    const order = entries.length > 0 ? this.book.find(ref) : this.book.get(ref);
    const nextAttempts = this.notifier.nextAttempts(ref);
    const scheduled = this.bank.scheduledTransfers().find((each) => isSameOrder(each.ref, ref))?.transfer;
    const track = { order, entries, nextAttempts, scheduled, retries: this.settings.retrySchedule };
    return orderPage({ ref, order, entries, track }, around);
  }

  #notifications(query: URLSearchParams, around: Surroundings): string {
    const result = resultOf(query.get('result'));
    const attempts = this.notifier
      .attempts()
      .filter(({ acknowledged }) => result === undefined || acknowledged === (result === 'acknowledged'));
    const page = pageOf(attempts, query.get('page') ?? undefined);
    const failed = this.notifier.countFailed();
    return notificationsPage({ attempts: page, result, schedule: this.notifier.schedule(), failed }, around);
  }

  #request(number: number, around: Surroundings): string {
    const request = this.journal.findRequest(number);
    if (!request) throw new NotFoundException('There is no such request, or it was forgotten.');
    return requestPage(request, around);
  }

  #start({ origin }: Surroundings): Start {
    const { first } = this.merchants;
    const notified = this.book.list().findLast(({ notificationUrl }) => notificationUrl !== undefined);
    return {
      merchantNo: first.merchantNo,
      ...(TEST_MERCHANT.key === first.key ? { key: first.key } : {}),
      curl: sampleCurl(`${origin}/wxzfservice`, first, this.clock.now()),
      notificationUrl: notified?.notificationUrl ?? '',
    };
  }

  #kept(): { folder: string; keptIn?: string } {
    const { folder, keptIn } = this.session;
    return { folder, ...(keptIn === undefined ? {} : { keptIn }) };
  }

  /** What the API's examples name: what is there, as far as it is. */
  #example(): { merchantNo: string; orderNo: string; faultId: string } {
    const { merchantNo, orderNo } = this.book.list().at(-1) ?? {
      merchantNo: this.merchants.first.merchantNo,
      orderNo: 'A1',
    };
    return { merchantNo, orderNo, faultId: this.faults.armed()[0]?.id ?? 'f1' };
  }
}

function presetOf(query: URLSearchParams): Partial<OrderRef> {
  const [merchantNo, orderNo] = [query.get('merchantNo'), query.get('orderNo')];
  return { ...(merchantNo ? { merchantNo } : {}), ...(orderNo ? { orderNo } : {}) };
}

function resultOf(text: string | null): AttemptResult | undefined {
  return text === 'acknowledged' || text === 'failed' ? text : undefined;
}

/** A part of a path; what can't be decoded names nothing. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
