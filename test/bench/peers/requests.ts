// Signed requests as the platforms of the peers send them.
import { createHash, createHmac } from 'node:crypto';
import { AMOUNT } from '../orders.js';

/** What both sides of a comparison know; `programs` have the same. */
const STRIPE_SECRET = 'whsec_bench';
const ECPAY = { merchantId: '2000132', hashKey: '5294y06JbISpM5x9', hashIv: 'v77hoKGq4kWxNNIS' };

/** A `payment_intent.succeeded` with the fields that a handler reads, shorter than Stripe's own. */
export function stripeWebhook(orderNo: string): Buffer {
  const created = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({
    id: `evt_${orderNo}`,
    object: 'event',
    api_version: '2025-11-17.clover',
    created,
    livemode: false,
    type: 'payment_intent.succeeded',
    data: {
      object: {
        id: `pi_${orderNo}`,
        object: 'payment_intent',
        amount: AMOUNT * 100,
        amount_received: AMOUNT * 100,
        currency: 'twd',
        status: 'succeeded',
        created,
        metadata: { orderNo },
      },
    },
  });
  const signature = createHmac('sha256', STRIPE_SECRET).update(`${created}.${body}`).digest('hex');
  return post('/stripe/webhook', 'application/json', body, { 'Stripe-Signature': `t=${created},v1=${signature}` });
}

/** What ECPay posts when an ATM payment came in. */
export function ecpayCallback(orderNo: string): Buffer {
  const fields = {
    MerchantID: ECPAY.merchantId,
    MerchantTradeNo: orderNo,
    RtnCode: '1',
    RtnMsg: 'paid',
    TradeNo: '2611261605001234',
    TradeAmt: String(AMOUNT),
    PaymentDate: '2026/11/26 16:05:00',
    PaymentType: 'ATM_BOT',
    PaymentTypeChargeFee: '10',
    TradeDate: '2026/11/26 16:00:00',
    SimulatePaid: '0',
    ATMAccBank: '013',
    ATMAccNo: '12345',
  };
  const sorted = Object.entries(fields).sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const raw = [['HashKey', ECPAY.hashKey], ...sorted, ['HashIV', ECPAY.hashIv]].map((pair) => pair.join('=')).join('&');
  const encoded = encodeURIComponent(raw)
    .toLowerCase()
    .replaceAll('%20', '+')
    .replaceAll("'", '%27')
    .replaceAll('~', '%7e');
  const CheckMacValue = createHash('sha256').update(encoded).digest('hex').toUpperCase();
  const body = new URLSearchParams({ ...fields, CheckMacValue }).toString();
  return post('/payments/callbacks', 'application/x-www-form-urlencoded', body);
}

function post(path: string, type: string, body: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  return Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
}
