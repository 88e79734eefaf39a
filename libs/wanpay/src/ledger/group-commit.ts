import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailableError } from './errors.js';

/** What became of one item of a batch. */
export type Committed<Result> = { readonly result: Result } | { readonly error: unknown };

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Keeps a statement's parameters, and what is lost when it fails, within bounds. */
const MAX_BATCH = 500;

/**
 * Writes together what arrives while the batch before is being written. A lone item leaves at once.
 *
 * Where a good many wait when a batch has committed, they leave before those of the batch are answered: the store works while
 * this process answers. Where few wait, the next batch leaves a turn of the event loop later, and has those in it who were
 * answered and asked for the next thing at once: of 64 callers all rather than half, who would wait for the other half.
 *
 * A batch that fails as a whole is written again item by item, so that a bad item fails alone. Once the store says that it
 * can't be used at all, the rest fails with that: nobody waits while one item after another runs into the same.
 */
export class GroupCommit<Item, Result> {
  #waiting: Waiting<Item, Result>[] = [];
  private writing = false;
  private lastSize = 0;

  /**
   * @param write commits a batch and tells what became of each item, in their order; rejects when nothing was committed
   * @param blocks whether writing blocks the process, so that every batch had better wait for all that the turn brings
   * @param nameOf what an item is about, where a batch may have only one about each; the others wait for their turn
   */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Committed<Result>[]>,
    private readonly blocks = false,
    private readonly nameOf?: (item: Item) => string,
  ) {}

  /** Resolves when the item's batch has committed. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    let answerLast = nothing;
    while (this.#waiting.length > 0) {
      if (this.blocks || this.#waiting.length < this.lastSize / 2) {
        answerLast();
        answerLast = nothing;
        await nextTurn();
      }
      const batch = this.take();
      this.lastSize = batch.length;
      const committing = this.commit(batch);
      answerLast();
      answerLast = await committing;
    }
    answerLast();
    this.writing = false;
  }

  /** The next batch, in the order of arrival. */
  private take(): readonly Waiting<Item, Result>[] {
    const { nameOf } = this;
    if (!nameOf) return this.#waiting.splice(0, MAX_BATCH);
    const batch = new Map<string, Waiting<Item, Result>>();
    const left: Waiting<Item, Result>[] = [];
    for (const waiting of this.#waiting) {
      const name = nameOf(waiting.item);
      if (batch.size === MAX_BATCH || batch.has(name)) left.push(waiting);
      else batch.set(name, waiting);
    }
    this.#waiting = left;
    return [...batch.values()];
  }

  /** Resolves with what answers the batch's callers. */
  private async commit(batch: readonly Waiting<Item, Result>[]): Promise<() => void> {
    try {
      const committed = await this.write(batch.map(({ item }) => item));
      return () => {
        batch.forEach((waiting, i) => {
          answer(waiting, committed[i]);
        });
      };
    } catch (error) {
      if (batch.length > 1 && !(error instanceof StoreUnavailableError)) return this.commitEach(batch);
      return () => {
        for (const waiting of batch) waiting.reject(error);
      };
    }
  }

  private async commitEach(batch: readonly Waiting<Item, Result>[]): Promise<() => void> {
    for (const [i, waiting] of batch.entries()) {
      try {
        const [committed] = await this.write([waiting.item]);
        answer(waiting, committed);
      } catch (error) {
        waiting.reject(error);
        if (!(error instanceof StoreUnavailableError)) continue;
        for (const left of batch.slice(i + 1)) left.reject(error);
        break;
      }
    }
    return nothing;
  }
}

function nothing(): void {
  // Nobody waits for an answer.
}

function answer<Result>(waiting: Waiting<unknown, Result>, committed: Committed<Result> | undefined): void {
  if (!committed) waiting.reject(new TypeError('The ledger did not say what became of an item of its batch.'));
  else if ('result' in committed) waiting.resolve(committed.result);
  else waiting.reject(committed.error);
}
