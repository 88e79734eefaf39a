import type { DeliveryKey } from './store.js';

const PREFIX = 'dlv_';

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
  if (typeof merchantNo !== 'string' || typeof orderNo !== 'string' || typeof handler !== 'string') return undefined;
  return Number.isInteger(seq) ? { merchantNo, orderNo, seq: Number(seq), handler } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
