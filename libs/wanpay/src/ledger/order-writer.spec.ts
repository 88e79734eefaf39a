import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AtmEvent, eventBase } from './events.js';
import { type Applied, OrderWriter } from './order-writer.js';
import type { Payment } from './payment.js';
import type { CheckChange, OrderChange, OrderRecord } from './store.js';
import { MemoryStore } from './stores/memory/memory-store.js';

const NOW = new Date('2026-03-01T04:00:00Z');

function keyOf(orderNo: string): { merchantNo: string; orderNo: string } {
  return { merchantNo: '21008024', orderNo };
}

/** A rule that adds 1 to a payment's amount, with an event, and tells what the amount was. */
function raise(orderNo: string): (record: OrderRecord | undefined) => Applied<number> {
  return (record) => {
    const amount = record?.payment?.amount ?? 0;
    const times = { createdAt: NOW, updatedAt: NOW };
    const payment: Payment = { ...keyOf(orderNo), state: 'failed', amount: amount + 1, livemode: false, ...times };
    const event = { ...eventBase('atm.failed', payment, NOW, String(amount)), payment };
    return { result: amount, change: { payment, events: [event] } };
  };
}

/** A rule that changes nothing, and tells the amount. */
function look(record: OrderRecord | undefined): Applied<number | undefined> {
  return { result: record?.payment?.amount };
}

/** A memory store that counts what is asked of it, and that may say that other processes share it. */
class ObservedStore extends MemoryStore {
  readonly commits: string[][] = [];
  readonly changes: OrderChange[] = [];
  readonly loads: string[][] = [];
  /** Orders that another process changes each time just before this one does. */
  readonly contended = new Set<string>();

  constructor(override readonly isShared = false) {
    super();
  }

  override load(keys: Parameters<MemoryStore['load']>[0]): ReturnType<MemoryStore['load']> {
    this.loads.push(keys.map(({ orderNo }) => orderNo));
    return super.load(keys);
  }

  override async commit(changes: readonly OrderChange[]): Promise<readonly boolean[]> {
    this.commits.push(changes.map(({ orderNo }) => orderNo));
    this.changes.push(...changes);
    const open = changes.filter(({ orderNo }) => !this.contended.has(orderNo));
    const applied = await super.commit(open);
    return changes.map((change) => applied[open.indexOf(change)] ?? false);
  }
}

/** Another number each time. */
let drawn = 0;
function draw(): number {
  drawn += 1;
  return (drawn / 1000) % 1;
}

function writerOver(store: MemoryStore, events: AtmEvent[][] = []): OrderWriter {
  return new OrderWriter(store, (recorded) => events.push([...recorded]), draw);
}

async function recordOf(store: MemoryStore, orderNo: string): Promise<OrderRecord | undefined> {
  return (await store.load([keyOf(orderNo)]))[0];
}

describe('OrderWriter', () => {
  it('writes together what arrives while a batch is being written', async () => {
    const store = new ObservedStore();
    const writer = writerOver(store);
    await Promise.all(['A1', 'A2', 'A3', 'A4'].map((orderNo) => writer.write(keyOf(orderNo), raise(orderNo))));
    expect(store.commits).toEqual([['A1'], ['A2', 'A3', 'A4']]);
    expect(store.loads).toEqual([['A1'], ['A2', 'A3', 'A4']]);
  });

  it('applies several rules about one order one after the other, in one change', async () => {
    const store = new ObservedStore();
    const events: AtmEvent[][] = [];
    const writer = writerOver(store, events);
    const results = ['A0', 'A1', 'A1', 'A1'].map((orderNo) => writer.write(keyOf(orderNo), raise(orderNo)));
    expect(await Promise.all(results)).toEqual([0, 0, 1, 2]);
    expect(store.commits).toEqual([['A0'], ['A1']]);
    expect(await recordOf(store, 'A1')).toMatchObject({ eventCount: 3, payment: { amount: 3 } });
    const history = await store.history(keyOf('A1'));
    expect(history.events.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(events.map((batch) => batch.length)).toEqual([1, 3]);
  });

  it('counts an outcome that comes several times while a batch is being written, in one row', async () => {
    const store = new ObservedStore();
    const writer = writerOver(store);
    const outcome = {
      digest: '00000000000000aa',
      source: 'query',
      outcome: { status: 'unpaid', code: '5801' },
    } as const;
    const note = (second: number, digest: string = outcome.digest): (() => Applied<void>) => {
      const at = new Date(NOW.getTime() + second * 1000);
      const seen = { ...outcome, digest, firstSeenAt: at, lastSeenAt: at, count: 1 };
      return () => ({ result: undefined, note: { outcomes: [seen] } });
    };
    const other = '00000000000000bb';
    const rules = [raise('A1'), note(1), note(2, other), note(3), note(4)];
    await Promise.all([
      writer.write(keyOf('A0'), look),
      ...rules.map((rule) => writer.write<unknown>(keyOf('A1'), rule)),
    ]);
    expect(store.changes.flatMap(({ outcomes = [] }) => outcomes)).toEqual([
      { ...note(1)().note?.outcomes?.[0], lastSeenAt: new Date(NOW.getTime() + 4000), count: 3 },
      note(2, other)().note?.outcomes?.[0],
    ]);
  });

  it('reads an order once, and then knows it', async () => {
    const store = new ObservedStore();
    const events: AtmEvent[][] = [];
    const writer = writerOver(store, events);
    await writer.write(keyOf('A1'), raise('A1'));
    await writer.write(keyOf('A1'), raise('A1'));
    expect(await writer.write(keyOf('A1'), look)).toBe(2);
    expect(store.loads).toEqual([['A1']]);
    expect(store.commits).toHaveLength(2);
    expect(events).toHaveLength(2);
    writer.forget();
    await writer.write(keyOf('A1'), look);
    expect(store.loads).toEqual([['A1'], ['A1']]);
  });

  it('knows the version of what it wrote, and reads nothing again for it', async () => {
    for (const isShared of [false, true]) {
      const store = new ObservedStore(isShared);
      const writer = writerOver(store);
      expect(await writer.write(keyOf('A1'), look)).toBeUndefined();
      store.loads.length = 0;
      for (const amount of [0, 1, 2]) expect(await writer.write(keyOf('A1'), raise('A1'))).toBe(amount);
      expect(store.loads).toEqual([['A1']]);
    }
  });

  it('numbers the events of one rule in their order', async () => {
    const store = new ObservedStore();
    const raised = raise('A1')(undefined).change?.events ?? [];
    const twice = raised.flatMap((event) => [event, { ...event, id: `${event.id}2` }]);
    await writerOver(store).write(keyOf('A1'), (record) => {
      const { result, change } = raise('A1')(record);
      return { result, change: { ...change, events: twice } };
    });
    expect((await store.history(keyOf('A1'))).events.map(({ id, seq }) => [id, seq])).toEqual(
      twice.map(({ id }, seq) => [id, seq]),
    );
  });

  it('applies what follows a removal to an order that is new again', async () => {
    const store = new ObservedStore();
    const events: AtmEvent[][] = [];
    const writer = writerOver(store, events);
    const remove = (): Applied<number> => ({ result: -1, change: { remove: true } });
    const atOnce = (
      rules: readonly ((record: OrderRecord | undefined) => Applied<number | undefined>)[],
    ): Promise<unknown> =>
      Promise.all([writer.write(keyOf('A0'), look), ...rules.map((rule) => writer.write(keyOf('A1'), rule))]);
    expect(await atOnce([remove, raise('A1'), raise('A1')])).toEqual([undefined, -1, 0, 1]);
    expect(events.map(({ length }) => length)).toEqual([2]);
    expect(await atOnce([raise('A1'), remove, raise('A1'), look])).toEqual([undefined, 2, -1, 0, 1]);
    expect(events.map(({ length }) => length)).toEqual([2, 1]);
    expect(await recordOf(store, 'A1')).toMatchObject({ eventCount: 1, payment: { amount: 1 } });
    expect(await atOnce([raise('A1'), remove])).toEqual([undefined, 1, -1]);
    expect(events).toHaveLength(2);
    expect(await writer.write(keyOf('A1'), look)).toBeUndefined();
  });

  const [sooner, later] = [NOW, new Date(NOW.getTime() + 1000)];
  it.each<[string, readonly CheckChange[], CheckChange]>([
    [
      'the last that is planned',
      [{ by: sooner }, { set: { at: later, failures: 3 } }],
      { set: { at: later, failures: 3 } },
    ],
    ['none after a removal', [{ by: sooner }, 'remove'], 'remove'],
    ['one that is asked for after a removal', ['remove', { by: later }], { set: { at: later, failures: 0 } }],
    ['the earlier of two', [{ by: later }, { by: sooner }], { by: sooner }],
    ['the earlier of two, whichever came first', [{ by: sooner }, { by: later }], { by: sooner }],
    [
      'a planned one, brought forward',
      [{ set: { at: later, failures: 3 } }, { by: sooner }],
      { set: { at: sooner, failures: 3 } },
    ],
    [
      'a planned one that is early enough',
      [{ set: { at: sooner, failures: 3 } }, { by: later }],
      { set: { at: sooner, failures: 3 } },
    ],
  ])('writes of several checks in one batch %s', async (_, checks, written) => {
    const store = new ObservedStore();
    const writer = writerOver(store);
    await Promise.all([
      writer.write(keyOf('A0'), look),
      writer.write(keyOf('A1'), raise('A1')),
      ...checks.map((check) => writer.write(keyOf('A1'), () => ({ result: undefined, change: { check } }))),
      writer.write(keyOf('A1'), raise('A1')),
    ]);
    expect(store.changes.map(({ check }) => check)).toEqual([written]);
  });

  it('applies a rule again where another process has changed the order', async () => {
    const store = new ObservedStore(true);
    const [one, other] = [writerOver(store), writerOver(store)];
    expect(await one.write(keyOf('A1'), raise('A1'))).toBe(0);
    expect(await other.write(keyOf('A1'), raise('A1'))).toBe(1);
    expect(await one.write(keyOf('A1'), raise('A1'))).toBe(2);
    expect(await recordOf(store, 'A1')).toMatchObject({ payment: { amount: 3 } });
  });

  it('says nothing of an order as it once was, where others may have changed it', async () => {
    const store = new ObservedStore(true);
    const [one, other] = [writerOver(store), writerOver(store)];
    await one.write(keyOf('A1'), raise('A1'));
    await other.write(keyOf('A1'), raise('A1'));
    expect(await one.write(keyOf('A1'), look)).toBe(2);
    const [record] = await store.load([keyOf('A1')]);
    await store.commit([{ ...keyOf('A1'), expectedVersion: record?.version ?? 0, remove: true }]);
    expect(await one.write(keyOf('A1'), look)).toBeUndefined();
  });

  it('takes no order for one of the same number that was removed', async () => {
    const store = new ObservedStore(true);
    const [one, other] = [writerOver(store), writerOver(store)];
    await one.write(keyOf('A1'), raise('A1'));
    await other.write(keyOf('A1'), () => ({ result: undefined, change: { remove: true } }));
    await Promise.all(['A0', 'A1', 'A1'].map((orderNo) => other.write(keyOf(orderNo), raise(orderNo))));
    expect(await one.write(keyOf('A1'), raise('A1'))).toBe(2);
    expect(await recordOf(store, 'A1')).toMatchObject({ eventCount: 3, payment: { amount: 3 } });
  });

  it('gives up an order that others keep changing, at the cost of no other order of the batch', async () => {
    const store = new ObservedStore(true);
    const writer = writerOver(store);
    store.contended.add('B1');
    const writes = ['A1', 'B1', 'A2', 'A3'].map((orderNo) => writer.write(keyOf(orderNo), raise(orderNo)));
    const settled = await Promise.allSettled(writes);
    expect(settled).toEqual([
      { status: 'fulfilled', value: 0 },
      { status: 'rejected', reason: expect.objectContaining({ code: 'contention' }) },
      { status: 'fulfilled', value: 0 },
      { status: 'fulfilled', value: 0 },
    ]);
    expect(await recordOf(store, 'A2')).toMatchObject({ payment: { amount: 1 } });
    expect(await recordOf(store, 'B1')).toBeUndefined();
    store.contended.delete('B1');
    expect(await writer.write(keyOf('B1'), raise('B1'))).toBe(0);
  });

  it('says what was written, also when the store fails before the rest is', async () => {
    const store = new FailingStore();
    const writer = writerOver(store);
    store.contended.add('B1');
    const writes = ['A1', 'B1', 'A2'].map((orderNo) => writer.write(keyOf(orderNo), raise(orderNo)));
    const settled = await Promise.allSettled(writes);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[2]).toMatchObject({ value: 0 });
    expect(await recordOf(store, 'A2')).toMatchObject({ payment: { amount: 1 } });
  });

  it('refuses a key that no store could hold', async () => {
    const writer = writerOver(new ObservedStore());
    await expect(writer.write(keyOf('A\0'), look)).rejects.toMatchObject({ code: 'invalid_field' });
  });

  it('tells whether a change applied that says itself what it expects', async () => {
    const store = new ObservedStore();
    const writer = writerOver(store);
    await writer.write(keyOf('A1'), raise('A1'));
    const expectedVersion = (await recordOf(store, 'A1'))?.version ?? 0;
    expect(await writer.writeIf(keyOf('A1'), { expectedVersion, check: { by: NOW } })).toBe(true);
    expect(await writer.writeIf(keyOf('A1'), { expectedVersion, check: 'remove' })).toBe(false);
    expect(await writer.write(keyOf('A1'), raise('A1'))).toBe(1);
  });

  it('loses no write and records none twice, whichever processes write what at once', async () => {
    const write = fc.record({ process: fc.nat({ max: 2 }), order: fc.nat({ max: 2 }), turns: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 30 }), async (writes) => {
        const store = new ObservedStore(true);
        const writers = [0, 1, 2].map(() => writerOver(store));
        const results = await Promise.all(
          writes.map(async ({ process, order, turns }) => {
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            return [order, await writers[process]?.write(keyOf(`A${order}`), raise(`A${order}`))] as const;
          }),
        );
        for (const order of [0, 1, 2]) {
          const amounts = results.filter(([of]) => of === order).map(([, amount]) => Number(amount));
          const { events } = await store.history(keyOf(`A${order}`));
          const each = amounts.map((_, i) => i);
          expect(amounts.sort((a, b) => a - b)).toEqual(each);
          expect(events.map(({ seq }) => seq)).toEqual(each);
        }
      }),
    );
  });
});

/** A store that another process shares, and that fails as soon as something has to be written again. */
class FailingStore extends ObservedStore {
  constructor() {
    super(true);
  }

  override commit(changes: readonly OrderChange[]): Promise<readonly boolean[]> {
    const isAgain = changes.every(({ orderNo }) => this.contended.has(orderNo));
    return isAgain ? Promise.reject(new Error('down')) : super.commit(changes);
  }
}
