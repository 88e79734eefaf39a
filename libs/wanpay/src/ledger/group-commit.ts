import { setImmediate as nextTurn } from 'node:timers/promises';

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
 * A batch that fails as a whole is written again item by item, so that a bad item fails alone.
 */
export class GroupCommit<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private writing = false;
  private lastSize = 0;

  /**
   * @param write commits a batch and tells what became of each item, in their order; rejects when nothing was committed
   * @param blocks whether writing blocks the process, so that every batch had better wait for all that the turn brings
   */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Committed<Result>[]>,
    private readonly blocks = false,
  ) {}

  /** Resolves when the item's batch has committed. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    let answerLast = nothing;
    while (this.waiting.length > 0) {
      if (this.blocks || this.waiting.length < this.lastSize / 2) {
        answerLast();
        answerLast = nothing;
        await nextTurn();
      }
      const batch = this.waiting.splice(0, MAX_BATCH);
      this.lastSize = batch.length;
      const committing = this.commit(batch);
      answerLast();
      answerLast = await committing;
    }
    answerLast();
    this.writing = false;
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
      const [only] = batch;
      if (batch.length === 1) {
        return () => {
          only?.reject(error);
        };
      }
      for (const waiting of batch) (await this.commit([waiting]))();
      return nothing;
    }
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
