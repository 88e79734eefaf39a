import { createNonce, createOrderNo, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { type Merchant } from '../merchants/merchants.js';

const SAMPLE_TOTAL = '128000';

/** A signed order as a command of a shell, which works for ten minutes. */
export function sampleCurl(baseUrl: string, { merchantNo, key }: Merchant, now: Date): string {
  const fields = {
    orgno: merchantNo,
    secondtimestamp: toTimestamp(now),
    nonce_str: createNonce(),
    out_trade_no: createOrderNo(now),
    total_fee: SAMPLE_TOTAL,
  };
  const data = Object.entries({ ...fields, sign: sign(fields, key) }).map(
    ([name, value]) => `  --data-urlencode ${quoted(`${name}=${value}`)}`,
  );
  return [`curl ${quoted(`${baseUrl}/virtualatmpay`)}`, ...data].join(' \\\n');
}

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
