import { type Clock } from '../clock/clock.js';
import { isSameOrder, type OrderRef } from '../orders/order-ref.js';
import { type Changes, type Topic } from './changes.js';
import {
  type JournalEntry,
  type JournalRecord,
  type RequestEnding,
  type RequestEntry,
  type RequestRecord,
} from './entry.js';
import { bytesOf, keptEnding } from './kept.js';

/** How much is left when a full journal has forgotten its oldest: so much less that it is rarely done. */
const LEFT_SHARE = 0.9;

/** How much a journal keeps at most. */
export interface JournalLimits {
  readonly entries: number;
  /** Of memory, about. */
  readonly bytes: number;
}

/** All that happened, in order, as far back as the limits allow. What an order's page shows and a script replays. */
export class Journal {
  #entries: JournalEntry[] = [];
  readonly #sizes = new WeakMap<JournalEntry, number>();
  #bytes = 0;
  #lastId = 0;
  #lastRequest = 0;
  #isComplete = true;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly changes: Changes,
    private readonly limits: JournalLimits,
  ) {}

  /** Whether it goes back to the beginning. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Writes down what happens now, and tells of it. */
  write(record: Exclude<JournalRecord, RequestRecord>): void {
    this.#keep({ ...record, id: ++this.#lastId, at: this.clock.now() });
  }

  /** The same for a request, which is {@link end}ed later. */
  writeRequest(record: RequestRecord): RequestEntry {
    const entry = { ...record, id: ++this.#lastId, number: ++this.#lastRequest, at: this.clock.now() };
    this.#keep(entry);
    return entry;
  }

  /** Completes a request's entry. */
  end(entry: RequestEntry, ending: RequestEnding): void {
    entry.ending = keptEnding(ending);
    // While it was answered, so many others may have come that it was forgotten.
    if (this.#sizes.has(entry)) this.#measure(entry);
    this.#forget();
    this.#tell(entry);
  }

  /** Every entry, oldest first. */
  entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The entries that concern an order, oldest first. */
  entriesOf(ref: OrderRef): JournalEntry[] {
    return this.#entries.filter((entry) => 'orderNo' in entry && isSameOrder(entry, ref));
  }

  /** The request of a number; undefined when there was none, or it was forgotten. */
  findRequest(number: number): RequestEntry | undefined {
    return this.requests().find((entry) => entry.number === number);
  }

  /** Every request, refused ones included, oldest first. */
  requests(): RequestEntry[] {
    return this.#entries.filter((entry) => entry.kind === 'request');
  }

  /** Goes on from what was kept. */
  restore(entries: readonly JournalEntry[], isComplete: boolean): void {
    this.#entries = [...entries];
    this.#bytes = 0;
    for (const entry of entries) this.#measure(entry);
    this.#lastId = entries.at(-1)?.id ?? 0;
    this.#lastRequest = this.requests().at(-1)?.number ?? 0;
    this.#isComplete = isComplete;
    this.#forget();
  }

  #keep(entry: JournalEntry): void {
    this.#entries.push(entry);
    this.#measure(entry);
    this.#forget();
    this.#tell(entry);
  }

  #measure(entry: JournalEntry): void {
    const bytes = bytesOf(entry);
    this.#bytes += bytes - (this.#sizes.get(entry) ?? 0);
    this.#sizes.set(entry, bytes);
  }

  #forget(): void {
    const { entries, bytes } = this.limits;
    if (this.#entries.length <= entries && this.#bytes <= bytes) return;
    let left = this.#entries.length;
    let size = this.#bytes;
    while (left > entries * LEFT_SHARE || size > bytes * LEFT_SHARE) {
      const oldest = this.#entries[this.#entries.length - left];
      if (!oldest) break;
      left -= 1;
      size -= this.#sizes.get(oldest) ?? 0;
      this.#sizes.delete(oldest);
    }
    this.#entries.splice(0, this.#entries.length - left);
    this.#bytes = size;
    this.#isComplete = false;
  }

  #tell(entry: JournalEntry): void {
    const { merchantNo, orderNo } = { merchantNo: undefined, orderNo: undefined, ...entry };
    const order = merchantNo === undefined || orderNo === undefined ? {} : { order: { merchantNo, orderNo } };
    for (const topic of topicsOf(entry)) this.changes.tell({ topic, ...order });
  }
}

function topicsOf(entry: JournalEntry): readonly Topic[] {
  if (entry.kind === 'request') return ['request', 'order'];
  if (entry.kind === 'fault') return ['faults', 'order'];
  if (entry.kind !== 'action') return ['order'];
  if ('orderNo' in entry) return ['order'];
  return 'merchantNo' in entry ? ['merchants'] : ['faults'];
}
