import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Bench, handler, quiet, START } from './bench.fixture.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

function deadLetters({ ledger, clock }: Bench): ReturnType<Bench['ledger']['deliveries']['list']> {
  return ledger.deliveries.list({ state: 'dead' }, clock.now());
}

describe('a handler that fails', () => {
  it('is called again alone, after a pause', async () => {
    const bench = new Bench();
    const good = jest.fn();
    const bad = jest.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('mail server down'));
    await bench.start(handler('good', 'atm.issued', good), handler('bad', 'atm.issued', bad));
    await bench.issue('A1');
    expect([good.mock.calls.length, bad.mock.calls.length]).toStrictEqual([1, 1]);
    await bench.clock.pass(499);
    expect(bad).toHaveBeenCalledTimes(1);
    await bench.clock.pass(1);
    expect([good.mock.calls.length, bad.mock.calls.length]).toStrictEqual([1, 2]);
    expect(await bench.states()).toStrictEqual(['A1 atm.issued good delivered', 'A1 atm.issued bad delivered']);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws at once',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['rejects', () => Promise.reject(new Error('broken')), 'broken'],
    ['rejects with what is no error', jest.fn<() => Promise<void>>().mockRejectedValue('broken'), 'broken'],
    [
      'rejects with what is no text',
      jest.fn<() => Promise<void>>().mockRejectedValue(Object.create(null)),
      '[Object: null prototype] {}',
    ],
    ['rejects with a NUL', () => Promise.reject(new Error('bro\0ken')), 'broken'],
    ['rejects with a long text', () => Promise.reject(new Error('x'.repeat(10_000))), 'x'.repeat(500)],
  ])('and %s becomes a dead letter alone', async (_, fail, failure) => {
    const bench = new Bench({ maxAttempts: 1 });
    const other = jest.fn();
    await bench.start(handler('bad', 'atm.issued', fail), handler('other', 'atm.issued', other));
    await bench.issue('A1');
    expect(other).toHaveBeenCalledTimes(1);
    expect((await deadLetters(bench)).deliveries).toMatchObject([{ handler: 'bad', failure }]);
  });

  it('pauses longer each time, and is given up after the last attempt', async () => {
    const bench = new Bench({ maxAttempts: 4 });
    const calledAt: number[] = [];
    await bench.start(
      handler('bad', 'atm.issued', () => {
        calledAt.push(bench.clock.now().getTime() - START);
        throw new Error('broken');
      }),
    );
    await bench.issue('A1');
    await bench.clock.pass(3_600_000);
    expect(calledAt).toStrictEqual([0, 500, 1500, 3500]);
    expect((await deadLetters(bench)).deliveries).toMatchObject([
      {
        event: { type: 'atm.issued', orderNo: 'A1' },
        handler: 'bad',
        attempts: 4,
        failure: 'broken',
        finishedAt: new Date(START + 3500),
      },
    ]);
    expect(await bench.ledger.deliveries.nextDue(bench.clock.now())).toBeUndefined();
    expect(bench.delivery.counts).toEqual({ delivered: 0, retried: 3, dead: 1 });
  });

  it('gets a replay from the first attempt, and the others do not', async () => {
    const bench = new Bench({ maxAttempts: 2 });
    const good = jest.fn();
    let broken = true;
    const bad = jest.fn(() => (broken ? Promise.reject(new Error('broken')) : undefined));
    await bench.start(handler('good', 'atm.issued', good), handler('bad', 'atm.issued', bad));
    await bench.issue('A1');
    await bench.clock.pass(60_000);
    const [letter] = (await deadLetters(bench)).deliveries;
    expect(await bench.ledger.deliveries.replay(letter?.id ?? '', bench.clock.now())).toBe(true);
    bench.delivery.wake();
    await quiet();
    expect(bad).toHaveBeenCalledTimes(3);
    broken = false;
    await bench.clock.pass(60_000);
    expect(bad).toHaveBeenCalledTimes(4);
    expect(good).toHaveBeenCalledTimes(1);
    expect((await deadLetters(bench)).deliveries).toStrictEqual([]);
  });
});
