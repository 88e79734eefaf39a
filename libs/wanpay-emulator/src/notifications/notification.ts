import { createNonce, type Fields, formatTaipei, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { type Merchant } from '../merchants/merchants.js';
import { type AmountUnit, writeAmount } from '../orders/amount.js';
import { statusOf } from '../orders/order-status.js';
import { type Order } from '../orders/order.js';

const FORM_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** What a notification says of an order (3.1.2), without what each attempt adds. What is not known is sent empty. */
export function writeResult(order: Order, unit: AmountUnit): Fields {
  const { transfer } = order;
  const { code, words } = statusOf(order);
  return {
    orgno: order.merchantNo,
    out_trade_no: order.orderNo,
    status: code,
    result: words,
    total_fee: writeAmount(transfer?.amount ?? order.amount, unit),
    orderdate: transfer ? formatTaipei(transfer.at) : '',
    bankno: transfer?.payerBankCode ?? '',
    acctno: transfer?.payerAccount ?? '',
  };
}

/** What one attempt sends. */
export interface Message {
  /** All of it, `sign` included. */
  readonly fields: Fields;
  readonly contentType: string;
  readonly body: string;
}

/** How an attempt is written when it is not as it should be. */
export interface MessageStyle {
  readonly isWronglySigned?: boolean;
  readonly extension?: Fields;
  readonly format?: 'json' | 'json with a numeric status';
}

/** Writes one attempt: each has its own timestamp and nonce, hence its own signature (2.3). */
export function writeMessage(result: Fields, merchant: Merchant, now: Date, style: MessageStyle = {}): Message {
  const { isWronglySigned, extension, format } = style;
  const isNumeric = format === 'json with a numeric status';
  const unsigned = {
    ...result,
    ...(isNumeric ? { status: String(Number(result.status)) } : {}),
    ...extension,
    secondtimestamp: toTimestamp(now),
    nonce_str: createNonce(),
  };
  const fields = { ...unsigned, sign: sign(unsigned, isWronglySigned ? createNonce() : merchant.key) };
  if (!format) return { fields, contentType: FORM_TYPE, body: new URLSearchParams(fields).toString() };
  const body = JSON.stringify(isNumeric ? { ...fields, status: Number(fields.status) } : fields);
  return { fields, contentType: JSON_TYPE, body };
}
