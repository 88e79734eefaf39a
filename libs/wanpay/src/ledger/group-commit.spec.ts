import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from './errors.js';
import { type Committed, GroupCommit } from './group-commit.js';

interface Batch {
  readonly items: readonly string[];
  commit(): void;
  fail(error: Error): void;
}

/** A store whose writes end when the test says so. */
function heldStore(): { batches: Batch[]; write: (items: readonly string[]) => Promise<Committed<string>[]> } {
  const batches: Batch[] = [];
  return {
    batches,
    write: (items) =>
      new Promise((resolve, reject) => {
        const commit = (): void => {
          resolve(items.map((item) => ({ result: item.toUpperCase() })));
        };
        batches.push({ items, commit, fail: reject });
      }),
  };
}

/** A batch leaves a turn after the one before it, whose commit is heard of in this one. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('GroupCommit', () => {
  it('lets a lone item leave at once, and the next one after it', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write);
    const first = group.submit('a');
    expect(batches.map(({ items }) => items)).toEqual([['a']]);
    batches[0]?.commit();
    await first;
    await settled();
    void group.submit('b');
    expect(batches.map(({ items }) => items)).toEqual([['a'], ['b']]);
  });

  it('writes together what came while the batch before was being written, and answers each when it has committed', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write);
    const answers = ['a', 'b', 'c'].map((item) => group.submit(item));
    expect(batches).toHaveLength(1);
    batches[0]?.commit();
    expect(await answers[0]).toBe('A');
    await settled();
    expect(batches.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
    batches[1]?.commit();
    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C']);
  });

  it('has the store at work before it answers, where many wait', async () => {
    const course: string[] = [];
    const group = new GroupCommit<string, string>(async (items) => {
      course.push(`writes ${items.join()}`);
      await settled();
      return items.map((item) => ({ result: item }));
    });
    await Promise.all(
      ['a', 'b', 'c'].map(async (item) => {
        course.push(`has answered ${await group.submit(item)}`);
      }),
    );
    expect(course).toEqual(['writes a', 'writes b,c', 'has answered a', 'has answered b', 'has answered c']);
  });

  it('waits, where few do, for those who are answered and ask for the next thing', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write);
    const callers = ['a', 'b', 'c', 'd', 'e'].map(async (item) => {
      await group.submit(item);
      await group.submit(item);
    });
    for (let i = 0; i < 3; i += 1) {
      batches[i]?.commit();
      await settled();
    }
    await Promise.all(callers);
    expect(batches.map(({ items }) => items.join(''))).toEqual(['a', 'bcde', 'abcde']);
  });

  it('bounds a batch', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write);
    for (let i = 0; i < 1200; i += 1) void group.submit(String(i));
    for (let i = 0; i < 4; i += 1) {
      batches[i]?.commit();
      await settled();
    }
    expect(batches.map(({ items }) => items.length)).toEqual([1, 500, 500, 199]);
  });

  it('waits for what arrives in the same turn where writing blocks', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write, { blocks: true });
    void group.submit('a');
    await Promise.resolve();
    void group.submit('b');
    await settled();
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b']]);
  });

  it('lets an item that the store refuses fail alone', async () => {
    const group = new GroupCommit((items: readonly string[]) =>
      Promise.resolve(items.map((item) => (item === 'bad' ? { error: new Error('bad item') } : { result: item }))),
    );
    const answers = await Promise.allSettled(['a', 'bad', 'c'].map((item) => group.submit(item)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('writes a batch that failed again item by item, so that only the item at fault fails', async () => {
    const written: (readonly string[])[] = [];
    const group = new GroupCommit(async (items: readonly string[]) => {
      written.push(items);
      await settled();
      if (items.includes('bad')) throw new Error('bad batch');
      return items.map((item) => ({ result: item }));
    });
    const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => group.submit(item)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual([['a'], ['b', 'bad', 'c'], ['b'], ['bad'], ['c']]);
  });

  it('gives a batch up when the store says that it cannot be used', async () => {
    const written: (readonly string[])[] = [];
    const group = new GroupCommit<string, string>(async (items) => {
      written.push(items);
      await settled();
      if (items.length > 1) throw new StoreUnavailableError(new Error('down'));
      return items.map((item) => ({ result: item }));
    });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map((item) => group.submit(item)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(written).toEqual([['a'], ['b', 'c', 'd']]);
    expect(await group.submit('e')).toBe('e');
  });

  it('gives up the rest when the store stops being usable while items are written one by one', async () => {
    const written: (readonly string[])[] = [];
    const group = new GroupCommit<string, string>(async (items) => {
      written.push(items);
      await settled();
      if (items.length > 1) throw new Error('bad batch');
      if (items[0] === 'c') throw new StoreUnavailableError(new Error('down'));
      return items.map((item) => ({ result: item }));
    });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((item) => group.submit(item)));
    expect(answers.map((answer): unknown => (answer.status === 'fulfilled' ? answer.value : answer.reason))).toEqual([
      'a',
      'b',
      ...Array<unknown>(3).fill(expect.objectContaining({ code: 'store_unavailable' })),
    ]);
    expect(written).toEqual([['a'], ['b', 'c', 'd', 'e'], ['b'], ['c']]);
  });

  it('has one item about each thing in a batch, and the others in the next ones, in their order', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write, { nameOf: (item) => item.slice(0, 1) });
    const answers = ['a1', 'b1', 'b2', 'c1', 'b3', 'a2'].map((item) => group.submit(item));
    for (let i = 0; i < 4; i += 1) {
      await settled();
      batches[i]?.commit();
    }
    expect(await Promise.all(answers)).toEqual(['A1', 'B1', 'B2', 'C1', 'B3', 'A2']);
    expect(batches.map(({ items }) => items)).toEqual([['a1'], ['b1', 'c1', 'a2'], ['b2'], ['b3']]);
  });

  describe('with two batches at once', () => {
    const byLetter = (item: string): string => item.slice(0, 1);

    it('sends a second batch beside the first, a turn later, and each takes its share of what there is', async () => {
      const { batches, write } = heldStore();
      const group = new GroupCommit(write, { atOnce: 2, nameOf: byLetter });
      const answers = ['a', 'b', 'c', 'd', 'e', 'f'].map((item) => group.submit(item));
      expect(batches.map(({ items }) => items)).toEqual([['a']]);
      await settled();
      expect(batches.map(({ items }) => items.join(''))).toEqual(['a', 'bcd']);
      for (let i = 0; i < 3; i += 1) {
        batches[i]?.commit();
        await settled();
      }
      expect(batches.map(({ items }) => items.join(''))).toEqual(['a', 'bcd', 'ef']);
      expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
    });

    it('has half of the callers in each, so that none waits for both', async () => {
      const { batches, write } = heldStore();
      const group = new GroupCommit(write, { atOnce: 2, nameOf: (item) => item });
      const call = async (item: string): Promise<void> => {
        for (let i = 0; i < 4; i += 1) await group.submit(item);
      };
      const callers = Promise.all(Array.from({ length: 12 }, (_, i) => call(`caller ${i}`)));
      for (let i = 0; i < 8; i += 1) {
        await settled();
        batches[i]?.commit();
      }
      expect(batches.slice(2, 6).map(({ items }) => items.length)).toEqual([6, 6, 6, 6]);
      for (let i = 8; i < 12; i += 1) {
        await settled();
        batches[i]?.commit();
      }
      await callers;
    });

    it('never has two batches about the same thing on their way, and keeps the order of what waits for that', async () => {
      const { batches, write } = heldStore();
      const group = new GroupCommit(write, { atOnce: 2, nameOf: byLetter, merges: true });
      const answers = ['a1', 'a2', 'b1', 'a3'].map((item) => group.submit(item));
      await settled();
      expect(batches.map(({ items }) => items)).toEqual([['a1'], ['b1']]);
      batches[1]?.commit();
      await settled();
      expect(batches).toHaveLength(2);
      batches[0]?.commit();
      await settled();
      expect(batches.slice(2).map(({ items }) => items)).toEqual([['a2', 'a3']]);
      batches[2]?.commit();
      expect(await Promise.all(answers)).toEqual(['A1', 'A2', 'B1', 'A3']);
    });

    it('lets what waited for a batch that failed be written after it', async () => {
      const { batches, write } = heldStore();
      const group = new GroupCommit(write, { atOnce: 2, nameOf: byLetter, merges: true });
      const first = group.submit('a1');
      const second = group.submit('a2');
      batches[0]?.fail(new Error('down'));
      await expect(first).rejects.toThrow('down');
      await settled();
      batches[1]?.commit();
      expect(await second).toBe('A2');
    });
  });

  it('goes on after a failure', async () => {
    const { batches, write } = heldStore();
    const group = new GroupCommit(write);
    const first = group.submit('a');
    await settled();
    batches[0]?.fail(new Error('down'));
    await expect(first).rejects.toThrow('down');
    const second = group.submit('b');
    await settled();
    batches[1]?.commit();
    expect(await second).toBe('B');
  });

  it('answers an item that the store forgot, rather than leaving its caller waiting', async () => {
    const group = new GroupCommit<string, string>(() => Promise.resolve([]));
    await expect(group.submit('a')).rejects.toBeDefined();
  });
});
