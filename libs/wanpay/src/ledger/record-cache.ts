import { nameOf } from './order-key.js';
import type { PaymentKey } from './payment.js';
import type { OrderRecord } from './store.js';

const MOST = 20_000;

/**
 * The orders that this process read or wrote last. What is remembered may be old: a change is written only while the version
 * is still the same.
 */
export class RecordCache {
  /** In the order of their last use, the oldest first. */
  readonly #records = new Map<string, OrderRecord>();

  get(key: PaymentKey): OrderRecord | undefined {
    return this.#records.get(nameOf(key));
  }

  set(record: OrderRecord): void {
    const name = nameOf(record);
    this.#records.delete(name);
    this.#records.set(name, record);
    if (this.#records.size <= MOST) return;
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.#records.delete(oldest);
  }

  delete(key: PaymentKey): void {
    this.#records.delete(nameOf(key));
  }

  clear(): void {
    this.#records.clear();
  }
}
