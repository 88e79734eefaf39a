import { createHash } from 'node:crypto';
import type { PaymentKey } from '../payment.js';

const KEY_BYTES = 8;

/** The number of an advisory lock: far enough from those of the host and of other schemas in the same database. */
export function lockKey(schema: string, ...name: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(['nestjs-wanpay', schema, ...name]));
  return digest.digest().subarray(0, KEY_BYTES).readBigInt64BE().toString();
}

/** The lock of an order that may or may not be there; see `Settlements`. */
export function orderLock(schema: string, { merchantNo, orderNo }: PaymentKey): string {
  return lockKey(schema, 'order', merchantNo, orderNo);
}
