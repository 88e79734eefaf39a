import { createNonce, formatTaipei, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { type Merchant } from '../merchants/merchants.js';
import { amountOf, type AmountUnit, writeAmount, writeOddAmount } from '../orders/amount.js';
import { statusOf } from '../orders/order-status.js';
import { type Order } from '../orders/order.js';
import { type Fields } from '../platform/fields.js';
import { encode } from './encoding.js';
import { type MessageStyle } from './message-style.js';

/** Of an order, what a notification tells. */
export type Result = Pick<Order, 'merchantNo' | 'orderNo' | 'amount' | 'state' | 'transfer'>;

/** What a notification says of an order (3.1.2), without what each attempt adds. What is not known is sent empty. */
export function writeResult(order: Result, unit: AmountUnit): Fields {
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
  /** None when absent. */
  readonly contentType?: string;
  readonly body: string;
}

/** Writes one attempt: each has its own timestamp and nonce, hence its own signature (2.3). */
export function writeMessage(
  result: Fields,
  unit: AmountUnit,
  merchant: Pick<Merchant, 'key'>,
  now: Date,
  style: MessageStyle = {},
): Message {
  const key = style.isWronglySigned ? createNonce() : merchant.key;
  const status = style.status ?? result.status ?? '';
  const unsigned = {
    ...withOddAmount(result, unit, style.oddAmount),
    status: style.encoding === 'json with a numeric status' ? String(Number(status)) : status,
    ...style.extension,
    secondtimestamp: style.hasMilliseconds ? String(now.getTime()) : toTimestamp(now),
    nonce_str: createNonce(),
  };
  const signed = { ...unsigned, sign: sign(unsigned, key) };
  const fields = { ...(style.isFolded ? fold(signed) : signed), ...style.unsignedExtension };
  const encoded = encode(fields, style.encoding ?? 'form');
  const contentType = style.contentType ?? encoded.contentType;
  return { fields, body: encoded.body, ...(contentType === 'none' ? {} : { contentType }) };
}

function withOddAmount(result: Fields, unit: AmountUnit, odd: MessageStyle['oddAmount']): Fields {
  const { total_fee: written = '', ...rest } = result;
  if (!odd) return result;
  const amount = writeOddAmount(amountOf(written, unit), odd.unit, odd.amount);
  return amount === undefined ? rest : { ...rest, total_fee: amount };
}

/** The string that is signed (2.3) joins names and values unescaped, so that it reads the same. */
function fold(fields: Fields): Fields {
  const { bankno = '', acctno = '', ...rest } = fields;
  if (bankno === '' || acctno === '') return fields;
  return { ...rest, acctno: `${acctno}&bankno=${bankno}` };
}
