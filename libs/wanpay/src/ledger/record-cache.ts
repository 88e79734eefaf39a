import type { OrderRecord } from './store.js';

const MOST = 20_000;

/**
 * The orders that this process read or wrote last. What is remembered may be old: a change is written only while the version
 * is still the same. Orders go by their name (`nameOf`), which the caller makes once for all that it asks.
 */
export class RecordCache {
  /** In the order of their last use, the oldest first. */
  readonly #records = new Map<string, OrderRecord>();

  get(name: string): OrderRecord | undefined {
    return this.#records.get(name);
  }

  set(name: string, record: OrderRecord): void {
    this.#records.delete(name);
    this.#records.set(name, record);
    if (this.#records.size <= MOST) return;
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.#records.delete(oldest);
  }

  delete(name: string): void {
    this.#records.delete(name);
  }

  clear(): void {
    this.#records.clear();
  }
}
