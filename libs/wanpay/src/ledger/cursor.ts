import { InvalidFieldError } from '../protocol/index.js';
import { InvalidCursorError } from './errors.js';
import type { PaymentPosition } from './store.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/**
 * How many items a page holds.
 *
 * @throws InvalidFieldError outside 1 to 1000
 */
export function pageLimit(limit = DEFAULT_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidFieldError('limit', `must be a whole number from 1 to ${MAX_LIMIT}.`);
}

/** Makes a page of what was read: up to `limit` payments, and one more where there are more. */
export function toPage<Of extends PaymentPosition>(
  payments: readonly Of[],
  limit: number,
): { readonly payments: readonly Of[]; readonly next?: string } {
  const page = payments.slice(0, limit);
  const last = page.at(-1);
  return last && payments.length > limit ? { payments: page, next: writeCursor(last) } : { payments: page };
}

/**
 * Reads a page's cursor.
 *
 * @throws InvalidCursorError
 */
export function readCursor(cursor: string): PaymentPosition {
  const [time, merchantNo, orderNo] = Buffer.from(cursor, 'base64url').toString('utf8').split('\n');
  const createdAt = new Date(Number(time));
  if (!time || !merchantNo || !orderNo || Number.isNaN(createdAt.getTime())) throw new InvalidCursorError();
  return { createdAt, merchantNo, orderNo };
}

function writeCursor({ createdAt, merchantNo, orderNo }: PaymentPosition): string {
  return Buffer.from([createdAt.getTime(), merchantNo, orderNo].join('\n')).toString('base64url');
}
