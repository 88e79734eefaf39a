import type { AxiosAdapter } from 'axios';
import { PlatformUnreachableError } from '../platform/errors.js';
import {
  DUPLICATE_ORDER_CODE,
  expiryAfter,
  type Fields,
  formatTaipei,
  fromCents,
  MAX_VALID_DAYS,
  PAID_CODE,
  readFields,
  SUCCESS_CODE,
  toCents,
  verify,
} from '../protocol/index.js';
import { OrderBook, type TestOrder } from './order-book.js';
import type { TestClock } from './test-clock.js';

/**
 * What is wrong with the platform: `unreachable`, nothing arrives; `no_answer`, it acts and its reply is lost; or the code with
 * which it refuses everything, such as `913`.
 */
export type PlatformTrouble = 'unreachable' | 'no_answer' | `${number}`;

/** An instance of the module, as the platform knows it. */
export interface Caller {
  readonly name: string;
  keysOf(merchantNo: string): Promise<readonly string[]>;
}

/** The codes of an order's states (3.2.1). */
export const STATE_CODES: Readonly<Record<TestOrder['state'], string>> = {
  unpaid: '5801',
  paid: PAID_CODE,
  failed: '5805',
  closed: '5803',
};

const NO_SUCH_ORDER_CODE = '5223';
const BAD_PARAMETER_CODE = '910';
const BAD_MERCHANT_CODE = '913';
const ACCOUNT_DIGITS = 14;

interface Answer {
  readonly status: string;
  readonly info: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** The platform's side of the order and query interfaces, in the process: the module's own client talks to it through axios. */
export class FakePlatform {
  readonly orders = new OrderBook();
  trouble: PlatformTrouble | undefined;

  constructor(private readonly clock: TestClock) {}

  /** What axios sends an instance's requests with. */
  adapterFor(caller: Caller): AxiosAdapter {
    return async (config) => {
      if (this.trouble === 'unreachable') throw new PlatformUnreachableError(noConnection());
      const request = Object.fromEntries(new URLSearchParams(String(config.data)));
      const answer = await this.answer(caller, config.url ?? '', readFields(request));
      const status = this.trouble === 'no_answer' ? 502 : 200;
      return { data: JSON.stringify(answer), status, statusText: '', headers: {}, config };
    };
  }

  private async answer(caller: Caller, url: string, fields: Fields): Promise<Answer> {
    const { orgno = '', out_trade_no: orderNo = '' } = fields;
    if (this.trouble !== undefined && this.trouble !== 'no_answer') return refusal(this.trouble);
    if (!verify(fields, await caller.keysOf(orgno))) return refusal(BAD_MERCHANT_CODE);
    const order = this.orders.find(orgno, orderNo);
    if (url.endsWith('/orderquery')) return order ? describe(order) : refusal(NO_SUCH_ORDER_CODE);
    return order ? refusal(DUPLICATE_ORDER_CODE) : this.open(caller, fields);
  }

  private open(caller: Caller, fields: Fields): Answer {
    const amount = fromCents(fields.total_fee ?? '');
    const { orgno: merchantNo = '', out_trade_no: orderNo = '' } = fields;
    if (amount === undefined) return refusal(BAD_PARAMETER_CODE);
    const expiresAt = expiryAfter(this.clock.now(), Number(fields.virtualatmvalidity ?? MAX_VALID_DAYS));
    this.orders.save({
      ...{ instance: caller.name, merchantNo, orderNo, amount, state: 'unpaid', expiresAt },
      ...(fields.body ? { description: fields.body } : {}),
      ...(fields.backurl ? { notificationUrl: fields.backurl } : {}),
    });
    const data = {
      out_trade_no: orderNo,
      code_url: `46710${String(this.orders.all.length).padStart(ACCOUNT_DIGITS - 5, '0')}`,
      expiredate: formatTaipei(expiresAt),
      bankcode: '013',
      bankname: '國泰世華商業銀行',
      branchcode: '2022',
      branchname: '大昌分行',
      receiver: '旺沛大數位股份有限公司',
    };
    return { status: SUCCESS_CODE, info: '下单成功', data };
  }
}

/** The failure after which an order is not tried again: trying again takes pauses of real time. */
function noConnection(): Error {
  return Object.assign(new Error('The fake platform is unreachable.'), { code: 'ETIMEDOUT' });
}

function refusal(status: string): Answer {
  return { status, info: '' };
}

/** How an order stands (3.1.3). */
function describe({ orderNo, state, amount, transfer }: TestOrder): Answer {
  const payer = transfer && state === 'paid' ? { bankno: transfer.bankCode, acctno: transfer.account } : {};
  const total = toCents(transfer && state === 'paid' ? transfer.amount : amount);
  const data = { out_trade_no: orderNo, orderstatus: STATE_CODES[state], total_fee: total, ...payer };
  return { status: SUCCESS_CODE, info: '查詢訂單成功', data };
}
