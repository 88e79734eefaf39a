import { isStorableText } from './order-key.js';
import type { DeliveryKey } from './store.js';

const PREFIX = 'dlv_';
/** What 32 bits hold. */
const MAX_SEQ = 2 ** 31 - 1;

/** A delivery's key as one text that can be passed around. */
export function writeDeliveryId({ merchantNo, orderNo, seq, handler }: DeliveryKey): string {
  return PREFIX + Buffer.from(JSON.stringify([merchantNo, orderNo, seq, handler])).toString('base64url');
}

/** Reads what {@link writeDeliveryId} wrote; undefined for any other text. */
export function readDeliveryId(id: string): DeliveryKey | undefined {
  if (!id.startsWith(PREFIX)) return undefined;
  const parts = parse(Buffer.from(id.slice(PREFIX.length), 'base64url').toString('utf8'));
  if (!Array.isArray(parts)) return undefined;
  const known: readonly unknown[] = parts;
  const [merchantNo, orderNo, seq, handler] = known;
  if (!isStorable(merchantNo) || !isStorable(orderNo) || !isStorable(handler)) return undefined;
  return isPlace(seq) ? { merchantNo, orderNo, seq, handler } : undefined;
}

/** A part that a database refuses would fail the other changes of its batch too. */
function isStorable(part: unknown): part is string {
  return typeof part === 'string' && isStorableText(part);
}

function isPlace(seq: unknown): seq is number {
  return typeof seq === 'number' && Number.isInteger(seq) && seq >= 0 && seq <= MAX_SEQ;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
