import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailableError } from './errors.js';

/** What became of one item of a batch. */
export type Committed<Result> = { readonly result: Result } | { readonly error: unknown };

interface Waiting<Item, Result> {
  readonly item: Item;
  /** What the item is about; empty without the option `nameOf`. */
  readonly name: string;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** How items are written together. */
export interface GroupCommitOptions<Item> {
  /** Whether writing blocks the process, so that every batch had better wait for all that the turn brings. */
  readonly blocks?: boolean;
  /** How many batches may be on their way at once; 1 by default. Only one of them has items about the same thing. */
  readonly atOnce?: number | undefined;
  /** What an item is about. */
  readonly nameOf?: (item: Item) => string;
  /** Whether a batch may have several items about the same thing. Otherwise the others wait for their turn. */
  readonly merges?: boolean;
}

/** Keeps a statement's parameters, and what is lost when it fails, within bounds. */
const MAX_BATCH = 500;

/**
 * Writes together what arrives while the batches before are being written. A lone item leaves at once.
 *
 * Where a good many wait when a batch has committed, they leave before those of the batch are answered: the store works while
 * this process answers. Where few wait, the next batch leaves a turn of the event loop later, and has those in it who were
 * answered and asked for the next thing at once: of 64 callers all rather than half, who would wait for the other half.
 *
 * With several batches at once, each takes its share of what there is: the store writes one while this process makes up the
 * next, and their commits wait for the disk together. While the store writes the other batch, the next one waits a turn of the
 * event loop for callers who have just been answered: it has 32 of 64 callers instead of 21.
 *
 * A batch that fails as a whole is written again item by item, so that a bad item fails alone. Once the store says that it
 * can't be used at all, the rest fails with that: nobody waits while one item after another runs into the same.
 */
export class GroupCommit<Item, Result> {
  #waiting: Waiting<Item, Result>[] = [];
  private readonly options: GroupCommitOptions<Item>;
  private readonly atOnce: number;
  /** How many batches are written or made up. */
  private writers = 0;
  private lastSize = 0;
  /** How many items are on their way, and what about. */
  private sent = 0;
  private readonly sentNames = new Set<string>();

  /** @param write commits a batch and tells what became of each item, in their order; rejects when nothing was committed */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Committed<Result>[]>,
    options: GroupCommitOptions<Item> = {},
  ) {
    this.options = options;
    this.atOnce = options.atOnce ?? 1;
  }

  /** Resolves when the item's batch has committed. */
  submit(item: Item): Promise<Result> {
    const name = this.options.nameOf?.(item) ?? '';
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, name, resolve, reject });
      if (this.writers < this.atOnce) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writers += 1;
    let answerLast = nothing;
    while (this.#waiting.length > 0) {
      if (this.options.blocks || this.sent > 0 || this.#waiting.length < this.lastSize / 2) {
        answerLast();
        answerLast = nothing;
        await nextTurn();
      }
      const batch = this.take();
      if (batch.length === 0) break;
      this.lastSize = batch.length;
      const committing = this.commit(batch);
      if (this.#waiting.length > 0 && this.writers < this.atOnce) void this.drain();
      answerLast();
      answerLast = await committing;
      this.leave(batch);
    }
    this.writers -= 1;
    answerLast();
  }

  /** The next batch, in the order of arrival, as what is on its way from now on. */
  private take(): readonly Waiting<Item, Result>[] {
    const { nameOf, merges } = this.options;
    const most = Math.min(MAX_BATCH, Math.ceil((this.#waiting.length + this.sent) / this.atOnce));
    const batch = nameOf ? this.takeNamed(most, merges) : this.#waiting.splice(0, most);
    this.sent += batch.length;
    return batch;
  }

  private takeNamed(most: number, merges = false): readonly Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    const names = new Set<string>();
    for (const waiting of this.#waiting) {
      const { name } = waiting;
      // What the batch is about anyway takes no place in it.
      const fits = names.has(name)
        ? merges && batch.length < MAX_BATCH
        : batch.length < most && !this.sentNames.has(name);
      if (fits) batch.push(waiting);
      else left.push(waiting);
      if (fits) names.add(name);
    }
    for (const name of names) this.sentNames.add(name);
    this.#waiting = left;
    return batch;
  }

  private leave(batch: readonly Waiting<Item, Result>[]): void {
    this.sent -= batch.length;
    for (const { name } of batch) this.sentNames.delete(name);
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
