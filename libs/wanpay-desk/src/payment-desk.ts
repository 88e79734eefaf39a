import { needsReview } from 'nestjs-wanpay/ledger';
import { DeskProblem } from './errors.js';
import type { Exchange } from './http/exchange.js';
import { type Form, readForm } from './http/form.js';
import type { DeskLedger } from './ledger/desk-ledger.js';
import { readNeeds, RETIRED } from './ledger/needs.js';
import { paymentsCsv } from './ledger/payments-csv.js';
import { readSearch } from './ledger/search.js';
import { paymentPage } from './pages/payment.page.js';
import { cleanText } from './text.js';

const MAX_TEXT = 1000;

interface AskedOrder {
  readonly orderNo: string;
  readonly options: { readonly merchantNo?: string };
}

/** Shows a payment, and does what a person asks for about it. Each action is recorded with who it was. */
export class PaymentDesk {
  constructor(private readonly ledger: DeskLedger) {}

  async show(exchange: Exchange): Promise<void> {
    const { wanpay } = this.ledger;
    const { orderNo, options } = orderOf(exchange.exactly('order'), exchange.exactly('merchant'));
    const [payment, unknown, timeline, { count: needs }] = await Promise.all([
      wanpay.getPayment(orderNo, options),
      wanpay.getUnknownOrder(orderNo, options),
      wanpay.getPaymentTimeline(orderNo, options),
      readNeeds(wanpay),
    ]);
    if (!payment && timeline.length === 0) {
      throw new DeskProblem(404, { chinese: '沒有這筆訂單。', english: 'There is no such order.' });
    }
    const order = payment ?? unknown;
    const merchantNo = order?.merchantNo ?? options.merchantNo ?? '';
    const isForReview = order !== undefined && needsReview(order);
    const transfers = (payment?.otherTransfers ?? unknown?.transfers ?? []).length;
    const shown = { order: { merchantNo, orderNo }, payment, timeline, needs, isForReview, transfers };
    exchange.page(paymentPage(exchange, shown));
  }

  async download(exchange: Exchange): Promise<void> {
    const search = readSearch(exchange.query);
    if (Object.keys(search.problems).length > 0) {
      throw new DeskProblem(400, { chinese: '搜尋條件不正確。', english: 'What is searched for can’t be read.' });
    }
    const content = paymentsCsv(this.ledger.wanpay, search, exchange.language);
    await exchange.download('payments.csv', 'text/csv; charset=utf-8', content);
  }

  async query(exchange: Exchange): Promise<void> {
    const form = await readForm(exchange.request);
    const { orderNo, options } = orderIn(form);
    const by = await exchange.actor();
    await this.ledger.wanpay.recordAction(orderNo, { ...options, action: 'queried', by });
    await this.ledger.wanpay.queryPayment(orderNo, options);
    back(exchange, form);
  }

  async write(exchange: Exchange, action: 'note' | 'reviewed'): Promise<void> {
    const form = await readForm(exchange.request);
    const { orderNo, options } = orderIn(form);
    const text = textIn(form, 'text');
    const seen = form.fields.get('transfers');
    // Transfers that came after the form was shown are not covered.
    const transfers = action === 'reviewed' && seen !== undefined ? Number(seen) : undefined;
    await this.ledger.wanpay.recordAction(orderNo, { ...options, action, text, transfers, by: await exchange.actor() });
    back(exchange, form);
  }

  async accept(exchange: Exchange): Promise<void> {
    const form = await readForm(exchange.request);
    const { orderNo, options } = orderIn(form);
    const reason = textIn(form, 'reason');
    await this.ledger.wanpay.acceptPayment(orderNo, { ...options, reason, by: await exchange.actor() });
    back(exchange, form);
  }

  /** The delivery then waits, and the pages say so until its handler is done. */
  async replay(exchange: Exchange): Promise<void> {
    const form = await readForm(exchange.request);
    const { orderNo, options } = orderIn(form);
    const id = form.fields.get('delivery') ?? '';
    const timeline = await this.ledger.wanpay.getPaymentTimeline(orderNo, options);
    const deliveries = timeline.flatMap((entry) => (entry.kind === 'event' ? entry.deliveries : []));
    const delivery = deliveries.find((each) => each.id === id);
    const isReplayed = delivery !== undefined && (await this.ledger.wanpay.replayDelivery(id));
    if (!isReplayed) {
      throw new DeskProblem(409, {
        chinese: '這件事正在處理，或已不存在，沒有重送。',
        english: 'It runs just now, or is gone, so it was not replayed.',
      });
    }
    const by = await exchange.actor();
    await this.ledger.wanpay.recordAction(orderNo, { ...options, action: 'replayed', text: delivery.handler, by });
    back(exchange, form);
  }

  /** A handler has no order in whose history it could be said, so that it is kept as a record of its own. */
  async retire(exchange: Exchange): Promise<void> {
    const { fields } = await readForm(exchange.request);
    const handler = fields.get('handler') ?? '';
    if (fields.get('confirm')?.trim() !== handler) {
      throw new DeskProblem(400, {
        chinese: '輸入的名稱不同，沒有移除。',
        english: 'The name that was typed is another one, so nothing was retired.',
      });
    }
    const { wanpay } = this.ledger;
    const { at } = await wanpay.status();
    const isRetired = await wanpay.retireHandler(handler);
    if (!isRetired) {
      throw new DeskProblem(409, {
        chinese: '沒有這個程式，可能已經移除。',
        english: 'There is no such handler; it may have been retired already.',
      });
    }
    const document = JSON.stringify({ handler, by: await exchange.actor() });
    await wanpay.keepRecord({ kind: RETIRED, id: String(at.getTime()), at, document });
    exchange.redirect('');
  }
}

/** @throws DeskProblem when no order is named */
function orderOf(orderNo: string | undefined, merchantNo: string | undefined): AskedOrder {
  if (orderNo !== undefined && orderNo !== '') return { orderNo, options: merchantNo ? { merchantNo } : {} };
  throw new DeskProblem(400, { chinese: '沒有指定訂單。', english: 'No order is named.' });
}

function orderIn({ fields }: Form): AskedOrder {
  return orderOf(fields.get('order'), fields.get('merchant'));
}

/** @throws DeskProblem when nothing was written */
function textIn({ fields }: Form, name: string): string {
  const text = cleanText(fields.get(name) ?? '', MAX_TEXT);
  if (text !== '') return text;
  throw new DeskProblem(400, { chinese: '請填寫內容。', english: 'Write something.' });
}

/** To the list that the form was on, or to the order's page. */
function back(exchange: Exchange, form: Form): void {
  if (form.fields.get('back') === 'needs') {
    exchange.redirect('');
    return;
  }
  const { orderNo, options } = orderIn(form);
  const query = new URLSearchParams({
    ...(options.merchantNo ? { merchant: options.merchantNo } : {}),
    order: orderNo,
  });
  exchange.redirect(`payment?${query}`);
}
