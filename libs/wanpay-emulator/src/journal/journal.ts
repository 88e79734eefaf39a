import { type Clock } from 'nestjs-wanpay/protocol';
import { isSameOrder, type OrderRef } from '../orders/order-ref.js';
import { type Changes, type Topic } from './changes.js';
import { type JournalEntry, type JournalRecord, type RequestEnding, type RequestEntry } from './entry.js';

/** How much is thrown away at once when the journal is full: a part, so that it is rarely done. */
const FORGOTTEN_SHARE = 0.1;

/** All that happened, in order, as far back as the limit allows. What an order's page shows and a script replays. */
export class Journal {
  #entries: JournalEntry[] = [];
  #lastId = 0;
  #isComplete = true;

  /** @param limit how many entries it keeps at most */
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly changes: Changes,
    private readonly limit: number,
  ) {}

  /** Whether it goes back to the beginning. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Writes down what happens now, and tells of it. */
  write<R extends JournalRecord>(record: R): R & Pick<JournalEntry, 'id' | 'at'> {
    const entry = { ...record, id: ++this.#lastId, at: this.clock.now() };
    this.#entries.push(entry);
    this.#forget();
    this.#tell(entry);
    return entry;
  }

  /** Completes a request's entry. */
  end(entry: RequestEntry, ending: RequestEnding): void {
    entry.ending = ending;
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

  find(id: number): JournalEntry | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  /** Goes on from what was kept. */
  restore(entries: readonly JournalEntry[], isComplete: boolean): void {
    this.#entries = [...entries];
    this.#lastId = entries.at(-1)?.id ?? 0;
    this.#isComplete = isComplete;
  }

  #forget(): void {
    if (this.#entries.length <= this.limit) return;
    this.#entries.splice(0, Math.max(1, Math.floor(this.limit * FORGOTTEN_SHARE)));
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
