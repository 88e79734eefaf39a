import type { Payment, PaymentState, WanPayService } from 'nestjs-wanpay';
import { InvalidCursorError, type PaymentFilter } from 'nestjs-wanpay/ledger';
import { startOf } from '../days.js';
import { DeskProblem } from '../errors.js';
import type { Wording } from '../pages/language.js';
import { STATES } from '../pages/wording.js';
import { readAmount } from './statement.js';

/** What a person can search by, as the form's fields are named. */
export const SEARCH_FIELDS = ['order', 'account', 'payer', 'amount', 'from', 'to', 'merchant'] as const;
/** One of them. */
export type SearchField = (typeof SEARCH_FIELDS)[number];

/** What a person asked for. */
export interface Search {
  readonly values: Readonly<Partial<Record<SearchField, string>>>;
  readonly states: readonly PaymentState[];
  readonly filter: PaymentFilter;
  /** What can't be read, by its field. */
  readonly problems: Readonly<Partial<Record<SearchField, Wording>>>;
}

/** What a search found. */
export interface Found {
  readonly payments: readonly Payment[];
  readonly next?: string | undefined;
  /** There is no such payment, but the platform spoke of the number. */
  readonly isSpokenOf?: boolean;
}

const DAY_MS = 86_400_000;

/** Reads a search from an address. */
export function readSearch(query: URLSearchParams): Search {
  const values: Partial<Record<SearchField, string>> = {};
  for (const field of SEARCH_FIELDS) {
    const value = query.get(field)?.trim();
    if (value) values[field] = value;
  }
  const states = query.getAll('state').filter(isState);
  const { account, payer, amount, from, to, merchant } = values;
  const [dollars, createdFrom, lastDay] = [amount && readAmount(amount), startOf(from), startOf(to)];
  const accountNo = account?.replaceAll(/[\s-]/g, '');
  const problems = {
    ...(amount && dollars === undefined ? { amount: NO_AMOUNT } : {}),
    ...(payer && !/^\d{5}$/.test(payer) ? { payer: NO_DIGITS } : {}),
    ...(accountNo && !/^\d{1,30}$/.test(accountNo) ? { account: NO_ACCOUNT } : {}),
    ...(from && !createdFrom ? { from: NO_DAY } : {}),
    ...(to && !lastDay ? { to: NO_DAY } : {}),
    ...(merchant && !/^[\x21-\x7e]{1,30}$/.test(merchant) ? { merchant: NO_MERCHANT } : {}),
  };
  const filter: PaymentFilter = {
    ...(states.length > 0 ? { states } : {}),
    ...(typeof dollars === 'number' ? { amount: dollars } : {}),
    ...(accountNo ? { accountNo } : {}),
    ...(payer ? { payerNo: payer } : {}),
    ...(createdFrom ? { createdFrom } : {}),
    ...(lastDay ? { createdBefore: new Date(lastDay.getTime() + DAY_MS) } : {}),
    ...(merchant ? { merchantNo: merchant } : {}),
  };
  return { values, states, filter, problems };
}

/** Finds a page of what a person asked for; nothing while something can't be read. */
export async function findPayments(wanpay: WanPayService, search: Search, after: string | undefined): Promise<Found> {
  const { values, filter, problems, states } = search;
  if (Object.keys(problems).length > 0) return { payments: [] };
  if (values.order !== undefined) return findOrder(wanpay, values.order, values.merchant, states);
  try {
    return await wanpay.listPayments({ ...filter, after });
  } catch (cause) {
    if (!(cause instanceof InvalidCursorError)) throw cause;
    throw new DeskProblem(400, { chinese: '沒有這一頁。', english: 'The list has no such page.' }, { cause });
  }
}

/** Everything that a search finds, a page at a time. */
export async function* everyPayment(wanpay: WanPayService, search: Search): AsyncGenerator<Payment> {
  let after: string | undefined;
  do {
    const found = await findPayments(wanpay, { ...search, filter: { ...search.filter, limit: 500 } }, after);
    yield* found.payments;
    after = found.next;
  } while (after !== undefined);
}

async function findOrder(
  wanpay: WanPayService,
  asked: string,
  merchantNo: string | undefined,
  states: readonly PaymentState[],
): Promise<Found> {
  const options = merchantNo === undefined ? {} : { merchantNo };
  for (const orderNo of new Set([asked, asked.toUpperCase()])) {
    if (orderNo.length > 100) break;
    const payment = await wanpay.getPayment(orderNo, options);
    if (payment) return { payments: states.length === 0 || states.includes(payment.state) ? [payment] : [] };
    const timeline = await wanpay.getPaymentTimeline(orderNo, options);
    if (timeline.length > 0) return { payments: [], isSpokenOf: true };
  }
  return { payments: [] };
}

function isState(value: string): value is PaymentState {
  return Object.hasOwn(STATES, value);
}

const NO_AMOUNT: Wording = { chinese: '請填整數金額，例如 1280。', english: 'Give whole dollars, such as 1280.' };
const NO_DIGITS: Wording = { chinese: '請填五個數字。', english: 'Give five digits.' };
const NO_ACCOUNT: Wording = { chinese: '請填完整的帳號數字。', english: 'Give the whole number, in digits.' };
const NO_DAY: Wording = { chinese: '請填日期，例如 2026-03-02。', english: 'Give a day, such as 2026-03-02.' };
const NO_MERCHANT: Wording = { chinese: '請填商戶編號。', english: 'Give a merchant number.' };
