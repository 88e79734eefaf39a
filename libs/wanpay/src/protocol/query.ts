import { isAmount } from './amount.js';
import { SUCCESS_CODE } from './codes.js';
import { MalformedMessageError } from './errors.js';
import type { Fields } from './fields.js';
import { type Outcome, outcomeStatus, readPayer } from './outcome.js';
import type { Reply } from './reply.js';
import { cleanCode } from './words.js';

/** The codes by which the platform says that it has no such order. */
const NO_SUCH_ORDER_CODES = new Set(['5223', '931']);

/** What the platform answers to a query: an outcome, that it has no such order, or that it will not answer. */
export type QueryAnswer =
  | { readonly kind: 'found'; readonly outcome: Outcome }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly code: string; readonly info: string };

/** The fields of a query (3.1.3) that say what is asked; timestamp, nonce and signature are the sender's. */
export function writeQuery(merchantNo: string, orderNo: string): Fields {
  return { orgno: merchantNo, out_trade_no: orderNo };
}

/**
 * Reads the reply to a query (3.1.3). An order status is understood as `orderstatus`, and where the platform puts it
 * into the reply's own `status`.
 *
 * @throws MalformedMessageError when a paid order comes without an amount that can be read, or the reply is for another order or
 *   contradicts itself
 */
export function readQueryAnswer(reply: Reply, orderNo: string): QueryAnswer {
  const { data, status } = reply;
  if (data.out_trade_no && data.out_trade_no !== orderNo) {
    throw new MalformedMessageError('The reply is for another order.');
  }
  const code = status === SUCCESS_CODE ? cleanCode(data.orderstatus ?? '') : status;
  if (NO_SUCH_ORDER_CODES.has(code)) return { kind: 'missing' };
  if (code === '') throw new MalformedMessageError('The reply has no orderstatus.');
  const outcome = readOutcome(code, data);
  if (status !== SUCCESS_CODE && outcome.status === 'unknown') return { kind: 'refused', code, info: reply.info };
  if (data.orderstatus && data.orderstatus !== code) {
    throw new MalformedMessageError('The reply has two order statuses.');
  }
  if (outcome.status === 'paid' && !isAmount(outcome.reportedAmount ?? '')) {
    throw new MalformedMessageError('The reply says paid without an amount.');
  }
  return { kind: 'found', outcome };
}

function readOutcome(code: string, data: Fields): Outcome {
  const payer = readPayer(data.bankno, data.acctno);
  return {
    status: outcomeStatus(code),
    code,
    ...(data.total_fee ? { reportedAmount: data.total_fee } : {}),
    ...(payer ? { payer } : {}),
  };
}
