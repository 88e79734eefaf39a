import { createNonce, type Fields, formatTaipei, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { type Merchant } from '../merchants/merchants.js';
import { type AmountUnit, writeAmount } from '../orders/amount.js';
import { statusOf } from '../orders/order-status.js';
import { type Order } from '../orders/order.js';

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

/** The fields of one attempt: each has its own timestamp and nonce, hence its own signature (2.3). */
export function signAttempt(result: Fields, merchant: Merchant, now: Date): Fields {
  const fields = { ...result, secondtimestamp: toTimestamp(now), nonce_str: createNonce() };
  return { ...fields, sign: sign(fields, merchant.key) };
}
