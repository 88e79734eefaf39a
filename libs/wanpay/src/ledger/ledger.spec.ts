import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../protocol/index.js';
import { ACCOUNT, later, opening, START } from './conformance/fixture.js';
import type { AtmEvent } from './events.js';
import { Ledger, type Report } from './ledger.js';
import { MemoryStore } from './stores/memory/memory-store.js';

const KEY = opening('A1');
const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280' };

/** A memory store that tells how it was called, and may say that other processes share it. */
class ObservedStore extends MemoryStore {
  calls: string[] = [];
  tell: (() => void) | undefined;

  constructor(override readonly isShared = false) {
    super();
  }

  override start(onEvents?: () => void): Promise<void> {
    this.calls.push('start');
    this.tell = onEvents;
    return Promise.resolve();
  }

  override stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }
}

function said(outcome: Outcome, second = 1): Report {
  const { merchantNo, orderNo, livemode } = KEY;
  return { merchantNo, orderNo, livemode, outcome, source: 'notification', now: later(second) };
}

async function eventTypes(ledger: Ledger): Promise<string[]> {
  const timeline = await ledger.timeline(KEY);
  return timeline.flatMap((entry) => (entry.kind === 'event' ? [entry.type] : []));
}

describe('a ledger', () => {
  it('starts and stops its store, and says what that can do', async () => {
    const store = new ObservedStore(true);
    const ledger = new Ledger(store);
    expect(ledger).toMatchObject({ isShared: true, transactions: 'none' });
    const heard: (readonly AtmEvent[])[] = [];
    ledger.onEvents((events) => heard.push(events));
    await ledger.start();
    store.tell?.();
    await ledger.stop();
    expect(store.calls).toEqual(['start', 'stop']);
    expect(heard).toEqual([[]]);
  });

  it('changes nothing of an order without a payment', async () => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.settle(said(PAID));
    for (const key of [KEY, opening('NONE')]) {
      await ledger.loseReply(key, START);
      await ledger.fail(key, { code: '910', message: '' }, START);
      await ledger.withdraw(key, { code: '910', message: '' }, START);
      expect(await ledger.accept(key, 'receipt', START)).toBeUndefined();
      expect(await ledger.issue(key, ACCOUNT, START)).toBeUndefined();
      expect(await ledger.awaitReply(key, START, later(9))).toBe(false);
      expect(await ledger.find(key)).toBeUndefined();
    }
    expect(await eventTypes(ledger)).toEqual(['atm.unknown_order']);
  });

  it('brings a check forward once more at the moment for which it was brought forward', async () => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.open(opening('A1'), later(9999));
    expect(await ledger.requestCheck(KEY, later(10))).toBe(true);
    expect(await ledger.requestCheck(KEY, later(10))).toBe(true);
    expect(await ledger.nextCheckDue(START)).toEqual(later(10));
  });

  it('asks no more about a payment that a person accepted', async () => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.open(opening('A1'), later(9));
    await ledger.settle(said(PAID));
    expect(await ledger.accept(KEY, 'receipt', later(2))).toMatchObject({ state: 'paid' });
    expect(await ledger.nextCheckDue(START)).toBeUndefined();
    const decision = { status: 'paid', code: 'accepted', message: 'receipt' };
    expect(await ledger.timeline(KEY)).toContainEqual(
      expect.objectContaining({ source: 'person', outcome: expect.objectContaining(decision) }),
    );
  });
});

describe('the reply to an order', () => {
  it('is awaited while the payment is opening, and not once it is issued', async () => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.open(opening('A1'));
    expect(await ledger.awaitReply(KEY, START, later(9))).toBe(true);
    expect(await ledger.find(KEY)).toMatchObject({ replyAwaitedUntil: later(9) });
    expect(await ledger.awaitReply(KEY, later(1), later(10))).toBe(true);
    await ledger.issue(KEY, ACCOUNT, later(2));
    expect(await ledger.awaitReply(KEY, later(3), later(12))).toBe(false);
  });

  it('is awaited by one process at a time where several share the ledger', async () => {
    const ledger = new Ledger(new ObservedStore(true));
    await ledger.open(opening('A1'));
    expect(await ledger.awaitReply(KEY, START, later(9))).toBe(true);
    expect(await ledger.awaitReply(KEY, later(8), later(17))).toBe(false);
    expect(await ledger.awaitReply(KEY, later(9), later(18))).toBe(true);
  });

  it('leaves what was held as unclaimed when it is lost', async () => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.open({ ...opening('A1'), replyAwaitedUntil: later(9) });
    await ledger.settle(said(PAID));
    await ledger.loseReply(KEY, later(2), { code: '6307', message: '此訂單號已存在' });
    expect(await ledger.find(KEY)).toMatchObject({ state: 'opening', failure: { code: '6307' } });
    expect(await eventTypes(ledger)).toEqual(['atm.unclaimed_payment']);
  });
});

describe('an order that the ledger does not have', () => {
  const first = { ...PAID, payer: { bankCode: '822' } };
  const second = { ...PAID, payer: { bankCode: '013' } };

  async function tell(ledger: Ledger, ...outcomes: readonly Outcome[]): Promise<number[]> {
    const counts: number[] = [];
    for (const outcome of outcomes) {
      const settled = await ledger.settle(said(outcome));
      expect(settled).toMatchObject({ unconfirmed: false });
      expect(settled).not.toHaveProperty('payment');
      counts.push(settled.events.length);
    }
    return counts;
  }

  it('has one event for each transfer, also where more is told of it later', async () => {
    const ledger = new Ledger(new MemoryStore());
    const completed = { ...first, transactedAt: START };
    const third = { ...first, transactedAt: later(60) };
    expect(await tell(ledger, first, first, second, completed, completed, second, third)).toEqual([
      1, 0, 1, 0, 0, 0, 1,
    ]);
    expect(await eventTypes(ledger)).toEqual(Array(3).fill('atm.unknown_order'));
  });

  it('has one event for each code that tells of no transfer, whatever amount stands beside it', async () => {
    const ledger = new Ledger(new MemoryStore());
    const failed: Outcome = { status: 'failed', code: '5805', reportedAmount: '1280' };
    const closed: Outcome = { status: 'closed', code: '5803' };
    expect(await tell(ledger, PAID, failed, failed, closed, failed, closed)).toEqual([1, 1, 0, 1, 0, 0]);
  });

  it('has each word in its history, with how often it was said', async () => {
    const ledger = new Ledger(new MemoryStore());
    await tell(ledger, PAID, PAID, PAID);
    expect(await ledger.timeline(KEY)).toMatchObject([{ kind: 'outcome', count: 3 }, { kind: 'event' }]);
  });
});

describe('purge', () => {
  const PAST_GRACE = new Date('2027-01-01T00:00:00Z');

  it.each<[string, Outcome, Date]>([
    ['paid', PAID, later(3)],
    ['failed', { status: 'failed', code: '5805' }, later(3)],
    ['closed', { status: 'closed', code: '5803' }, later(3)],
    ['expired', { status: 'unpaid', code: '5801' }, PAST_GRACE],
  ])('removes a payment that is %s, so that its number is free again', async (state, outcome, now) => {
    const ledger = new Ledger(new MemoryStore());
    await ledger.open(opening('A1'));
    await ledger.issue(KEY, ACCOUNT, later(1));
    await ledger.settle({ ...said(outcome), now });
    expect(await ledger.find(KEY)).toMatchObject({ state });
    expect(await ledger.purge(now, 10)).toBe(0);
    expect(await ledger.open(opening('A1'))).toMatchObject({ opened: false });
    expect(await ledger.purge(new Date(now.getTime() + 1), 10)).toBe(1);
    expect(await ledger.open(opening('A1'))).toMatchObject({ opened: true });
  });
});
