import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome, OutcomeStatus, VirtualAccount } from '../protocol/index.js';
import type { AtmEvent } from './events.js';
import { isIssued, type Payment, type PaymentState } from './payment.js';
import {
  accept,
  EXPIRY_GRACE_SECONDS,
  fail,
  isReplyAwaited,
  issue,
  loseReply,
  settle,
  type Settlement,
  unknownOrder,
} from './settle.js';
import type { Transfer } from './transfer.js';

const OPENED = new Date('2022-07-21T02:00:00Z');
/** 23:59:59 in Taipei. */
const DEADLINE = new Date('2022-07-24T15:59:59Z');
const BEFORE = new Date('2022-07-22T04:00:00Z');
const GRACE_MS = 3_600_000;

const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: DEADLINE,
};

const OPENING: Payment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  amount: 1280,
  livemode: false,
  state: 'opening',
  createdAt: OPENED,
  updatedAt: OPENED,
};

function paymentIn(state: PaymentState): Payment {
  return state === 'opening' ? OPENING : { ...OPENING, state, account: ACCOUNT };
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}

function said(status: OutcomeStatus, rest: Partial<Outcome> = {}): Outcome {
  const codes = { paid: '0000', unpaid: '5801', closed: '5803', paying: '5804', failed: '5805', unknown: '7777' };
  return { status, code: codes[status], ...rest };
}

/** A settlement in the words of the docstring's table. */
function inWords(before: Payment, { payment, events, unconfirmed }: Settlement): string {
  const state = payment.state === before.state ? 'same state' : payment.state;
  const recorded = events.map((event) => `with ${event.type === 'atm.paid' && event.late ? 'late ' : ''}${event.type}`);
  const words = payment === before ? ['unchanged'] : [state];
  return [...words, ...recorded, ...(unconfirmed ? ['unconfirmed'] : [])].join(', ');
}

/** Freezes what is reachable; a Date's own time can't be frozen, so the properties compare with a copy as well. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

describe('settle, cell by cell of its table', () => {
  const JUST_IN_TIME = after(DEADLINE, 999);
  const PAST_DEADLINE = after(DEADLINE, 1000);
  const END_OF_GRACE = after(DEADLINE, GRACE_MS + 999);
  const PAST_GRACE = after(DEADLINE, GRACE_MS + 1000);
  const A_MONTH_LATER = after(DEADLINE, 32 * 86_400_000);
  const STATES: readonly PaymentState[] = ['opening', 'pending', 'failed', 'closed', 'expired', 'paid'];

  const U = 'unchanged';
  const PAID = 'paid, with atm.paid';
  const LATE = 'paid, with late atm.paid';
  const MISMATCH = 'same state, with atm.amount_mismatch';
  const UNCLAIMED = 'same state, with atm.unclaimed_payment';
  const AGAIN = 'same state, with atm.duplicate_payment';
  const MISMATCHES = [UNCLAIMED, MISMATCH, MISMATCH, MISMATCH, MISMATCH, AGAIN];
  const ASK = 'unchanged, unconfirmed';
  const FAILED = 'failed, with atm.failed';
  const CLOSED = 'closed, with atm.closed';
  const EXPIRED = 'expired, with atm.expired';

  const rows: [string, Outcome, Date, cells: string[]][] = [
    // The first column's account is not known: nobody can claim its money, and its deadline is the latest that it can be.
    [
      'paid, the amount asked',
      said('paid', { reportedAmount: '1280' }),
      BEFORE,
      [UNCLAIMED, PAID, LATE, LATE, LATE, U],
    ],
    [
      'paid, the same in cents',
      said('paid', { reportedAmount: '128000' }),
      BEFORE,
      [UNCLAIMED, PAID, LATE, LATE, LATE, U],
    ],
    ['paid, another amount', said('paid', { reportedAmount: '1281' }), BEFORE, MISMATCHES],
    ['paid, what is no amount', said('paid', { reportedAmount: '?' }), BEFORE, [...Array<string>(5).fill(ASK), U]],
    ['paid, no amount', said('paid'), BEFORE, [...Array<string>(5).fill(ASK), U]],
    ['failed', said('failed'), BEFORE, [FAILED, FAILED, U, U, U, U]],
    ['failed, after the deadline', said('failed'), PAST_GRACE, [FAILED, FAILED, U, U, U, U]],
    ['closed, until the deadline', said('closed'), BEFORE, [CLOSED, CLOSED, U, U, U, U]],
    ['closed, in the last second', said('closed'), JUST_IN_TIME, [CLOSED, CLOSED, U, U, U, U]],
    ['closed, after the deadline', said('closed'), PAST_DEADLINE, [CLOSED, EXPIRED, U, U, U, U]],
    ['unpaid, before the deadline', said('unpaid'), BEFORE, [U, U, U, U, U, U]],
    ['unpaid, after the deadline', said('unpaid'), PAST_DEADLINE, [U, U, U, U, U, U]],
    ['unpaid, in the last second of grace', said('unpaid'), END_OF_GRACE, [U, U, U, U, U, U]],
    ['unpaid, after deadline + grace', said('unpaid'), PAST_GRACE, [U, EXPIRED, U, U, U, U]],
    ['unpaid, a month later', said('unpaid'), A_MONTH_LATER, [EXPIRED, EXPIRED, U, U, U, U]],
    ['closed, a month later', said('closed'), A_MONTH_LATER, [EXPIRED, EXPIRED, U, U, U, U]],
    ['paying', said('paying'), BEFORE, [U, U, U, U, U, U]],
    ['paying, after deadline + grace', said('paying'), PAST_GRACE, [U, U, U, U, U, U]],
    ['unknown', said('unknown'), BEFORE, [U, U, U, U, U, U]],
    ['unknown, after deadline + grace', said('unknown'), PAST_GRACE, [U, U, U, U, U, U]],
  ];
  const cells = rows.flatMap(([row, outcome, now, expected]) =>
    STATES.map((state, column) => ({ row, state, outcome, now, expected: expected[column] })),
  );

  it.each(cells)('$row, of a payment that is $state: $expected', ({ state, outcome, now, expected }) => {
    const payment = deepFreeze(paymentIn(state));
    expect(inWords(payment, settle(payment, outcome, now))).toBe(expected);
  });

  it.each(STATES)('believes no "paid" that must be confirmed, of a payment that is %s', (state) => {
    const payment = deepFreeze(paymentIn(state));
    const outcome = said('paid', { reportedAmount: '1280' });
    expect(inWords(payment, settle(payment, outcome, BEFORE, true))).toBe(state === 'paid' ? U : ASK);
    expect(settle(payment, said('failed'), BEFORE, true)).toStrictEqual(settle(payment, said('failed'), BEFORE));
  });

  it('grants an hour of grace, as it says', () => {
    expect(EXPIRY_GRACE_SECONDS * 1000).toBe(GRACE_MS);
  });
});

describe('settle, money', () => {
  const pending = paymentIn('pending');

  it('keeps who paid, when, and in which unit the platform counted', () => {
    const payer = { bankCode: '822', account: '***********89012' };
    const transactedAt = new Date('2022-07-22T03:00:00Z');
    const outcome = said('paid', { reportedAmount: '128000', payer, transactedAt });
    const { payment } = settle(pending, outcome, BEFORE);
    expect(payment).toStrictEqual({
      ...pending,
      state: 'paid',
      payer,
      paidAt: transactedAt,
      amountUnit: 'cents',
      updatedAt: BEFORE,
    });
  });

  it('takes the moment of learning for the moment of paying when the platform names none', () => {
    const { payment } = settle(pending, said('paid', { reportedAmount: '1280.00' }), BEFORE);
    expect(payment).toStrictEqual({
      ...pending,
      state: 'paid',
      paidAt: BEFORE,
      paidAtEstimated: true,
      amountUnit: 'dollars',
      updatedAt: BEFORE,
    });
  });

  it('hands the event the payment as it is from now on', () => {
    const { payment, events } = settle(pending, said('paid', { reportedAmount: '1280' }), BEFORE);
    expect(events).toMatchObject([
      { orderNo: 'A1', merchantNo: '21008024', livemode: false, occurredAt: BEFORE, payment },
    ]);
  });

  it.each([
    [-1000, false],
    [0, false],
    [999, false],
    [1000, true],
  ])('counts a transfer dated %d ms after the deadline as late: %s', (ms, late) => {
    const outcome = said('paid', { reportedAmount: '1280', transactedAt: after(DEADLINE, ms) });
    expect(settle(pending, outcome, BEFORE).events).toMatchObject([{ type: 'atm.paid', late }]);
  });

  it('is not late when only the report of a timely transfer comes after the deadline', () => {
    const outcome = said('paid', { reportedAmount: '1280', transactedAt: DEADLINE });
    expect(settle(pending, outcome, after(DEADLINE, 86_400_000)).events).toMatchObject([{ late: false }]);
  });

  it('has one event for each wrong amount, and keeps them all', () => {
    const first = settle(pending, said('paid', { reportedAmount: '1281' }), BEFORE);
    const again = settle(first.payment, said('paid', { reportedAmount: '1281' }), BEFORE);
    const second = settle(again.payment, said('paid', { reportedAmount: '12.80' }), BEFORE);
    expect(first.events).toMatchObject([{ type: 'atm.amount_mismatch', reportedAmount: '1281' }]);
    expect(again.events).toStrictEqual([]);
    expect(second.events).toMatchObject([{ type: 'atm.amount_mismatch', reportedAmount: '12.80' }]);
    expect(second.payment.otherTransfers).toStrictEqual([{ reportedAmount: '1281' }, { reportedAmount: '12.80' }]);
  });

  it('still takes the right amount after a wrong one', () => {
    const { payment } = settle(pending, said('paid', { reportedAmount: '1281' }), BEFORE);
    expect(settle(payment, said('paid', { reportedAmount: '1280' }), BEFORE).payment).toMatchObject({
      state: 'paid',
      otherTransfers: [{ reportedAmount: '1281' }],
    });
  });
});

describe('settle, what it keeps', () => {
  it('takes over who paid and when, where only a later message tells', () => {
    const payer = { bankCode: '822', account: '***********89012' };
    const first = settle(paymentIn('pending'), said('paid', { reportedAmount: '1280' }), BEFORE).payment;
    const told = said('paid', { reportedAmount: '1280', payer, transactedAt: OPENED });
    const { payment, events } = settle(first, told, DEADLINE);
    expect(payment).toMatchObject({ state: 'paid', payer, paidAt: OPENED, updatedAt: DEADLINE });
    expect(payment).not.toHaveProperty('paidAtEstimated');
    expect(events).toStrictEqual([]);
  });

  it('says why a payment failed', () => {
    expect(settle(paymentIn('pending'), said('failed'), BEFORE).payment.failure).toStrictEqual({
      code: '5805',
      message: 'WanPay says that the payment failed.',
    });
  });

  it.each<Partial<Payment>>([
    { expeditedAt: OPENED },
    { replyAwaitedUntil: OPENED },
    { expeditedAt: OPENED, replyAwaitedUntil: OPENED },
  ])('shows nobody what is the ledger’s own: %j', (own) => {
    const { events } = settle({ ...paymentIn('pending'), ...own }, said('failed'), BEFORE);
    const [event] = events;
    for (const name of Object.keys(own)) expect(event).not.toHaveProperty(`payment.${name}`);
    expect(event).toHaveProperty('payment.state', 'failed');
  });
});

describe('isReplyAwaited', () => {
  const until = { replyAwaitedUntil: after(BEFORE, 1000) };

  it.each<[string, Payment, boolean]>([
    ['is opening', { ...OPENING, ...until }, true],
    ['is opening, with no such moment', OPENING, false],
    ['has its account', { ...OPENING, ...until, account: ACCOUNT }, false],
    ['ended', { ...OPENING, ...until, state: 'failed' }, false],
    ['is pending', { ...paymentIn('pending'), ...until }, false],
  ])('of a payment that %s', (_, payment, isAwaited) => {
    expect(isReplyAwaited(payment, BEFORE)).toBe(isAwaited);
    expect(isReplyAwaited(payment, after(BEFORE, 1000))).toBe(false);
  });
});

describe('issue', () => {
  it('makes a payment pending, with atm.issued', () => {
    const { payment, events } = issue(deepFreeze({ ...OPENING }), ACCOUNT, BEFORE);
    expect(payment).toStrictEqual({ ...OPENING, state: 'pending', account: ACCOUNT, updatedAt: BEFORE });
    expect(events).toMatchObject([{ type: 'atm.issued', payment, occurredAt: BEFORE }]);
  });

  it.each(['pending', 'paid', 'failed', 'closed', 'expired'] as const)(
    'adds the account to a payment that is %s already, without an event',
    (state) => {
      const { payment, events } = issue(deepFreeze({ ...OPENING, state }), ACCOUNT, BEFORE);
      expect(payment).toStrictEqual({ ...OPENING, state, account: ACCOUNT, updatedAt: BEFORE });
      expect(events).toStrictEqual([]);
    },
  );
});

describe('a payment whose account never came', () => {
  const PAID = said('paid', { reportedAmount: '1280', transactedAt: BEFORE });
  const TRANSFER: Transfer = { reportedAmount: '1280', transactedAt: BEFORE };
  const awaited: Payment = { ...OPENING, replyAwaitedUntil: after(BEFORE, 1000) };

  it('holds what is reported until the reply comes, and is paid by it then', () => {
    const held = settle(awaited, PAID, BEFORE);
    expect(inWords(awaited, held)).toBe('same state, unconfirmed');
    const { payment, events } = issue(held.payment, ACCOUNT, after(BEFORE, 10));
    expect(events).toMatchObject([{ type: 'atm.paid', late: false }]);
    expect(payment).toStrictEqual({
      ...OPENING,
      state: 'paid',
      account: ACCOUNT,
      paidAt: BEFORE,
      amountUnit: 'dollars',
      updatedAt: after(BEFORE, 10),
    });
  });

  it('has its money unclaimed once the reply can’t come any more', () => {
    const held = settle(awaited, PAID, BEFORE).payment;
    for (const { payment, events } of [loseReply(held, BEFORE), settle(held, said('unpaid'), after(BEFORE, 1000))]) {
      expect(events).toMatchObject([{ type: 'atm.unclaimed_payment', transfer: TRANSFER }]);
      expect(payment).toMatchObject({ state: 'opening', otherTransfers: [TRANSFER] });
      expect(payment.heldTransfers).toBeUndefined();
    }
  });

  it.each(['failed', 'closed', 'unpaid', 'paying', 'unknown'] as const)(
    'is not changed by "%s" while the reply is awaited: it may be about another order of that number',
    (status) => {
      expect(inWords(awaited, settle(awaited, said(status), BEFORE))).toBe('unchanged');
    },
  );

  it('fails with the reason, after its money was told of', () => {
    const failure = { code: '6307', message: '此訂單號已存在' };
    const { payment, events } = fail(settle(awaited, PAID, BEFORE).payment, failure, BEFORE);
    expect(events.map(({ type }) => type)).toStrictEqual(['atm.unclaimed_payment', 'atm.failed']);
    expect(payment).toMatchObject({ state: 'failed', failure, otherTransfers: [TRANSFER] });
    expect(fail(payment, failure, BEFORE)).toStrictEqual({ payment, events: [], unconfirmed: false });
  });

  it('is paid when a person accepts a transfer of its amount, and keeps the reason', () => {
    const { payment } = settle({ ...OPENING, state: 'failed' }, PAID, BEFORE);
    const other = settle(payment, said('paid', { reportedAmount: '99' }), BEFORE).payment;
    const accepted = accept(other, 'receipt', DEADLINE);
    expect(accepted).toMatchObject({
      transfer: TRANSFER,
      events: [{ type: 'atm.paid', late: true }],
      payment: { state: 'paid', paidAt: BEFORE, otherTransfers: [{ reportedAmount: '99' }] },
    });
    expect(accepted?.payment.acceptance).toStrictEqual({ reason: 'receipt', acceptedAt: DEADLINE });
  });

  it('is paid by a person’s decision once, keeps no empty list, and gets its account later', () => {
    const { payment } = settle(OPENING, PAID, BEFORE);
    const accepted = accept(payment, 'receipt', BEFORE)?.payment ?? OPENING;
    expect(accepted).not.toHaveProperty('otherTransfers');
    const another = said('paid', { reportedAmount: '1280', transactedAt: DEADLINE });
    const again = settle(accepted, another, DEADLINE);
    expect(inWords(accepted, again)).toBe('same state, with atm.duplicate_payment');
    expect(accept(again.payment, 'receipt', DEADLINE)).toBeUndefined();
    expect(issue(again.payment, ACCOUNT, DEADLINE)).toStrictEqual({
      payment: { ...again.payment, account: ACCOUNT, updatedAt: DEADLINE },
      events: [],
      unconfirmed: false,
    });
  });

  it('keeps why it failed when its account comes after all', () => {
    const failure = { code: '6307', message: '此訂單號已存在' };
    const { payment } = issue(fail(OPENING, failure, BEFORE).payment, ACCOUNT, DEADLINE);
    expect(payment).toMatchObject({ state: 'failed', failure, account: ACCOUNT });
  });

  it('loses no reply that it does not await', () => {
    const pending = paymentIn('pending');
    expect(loseReply(pending, BEFORE, { code: '910', message: '' }).payment).toBe(pending);
  });

  it.each<[string, Payment]>([
    ['is paid', paymentIn('paid')],
    ['has an account', { ...paymentIn('pending'), otherTransfers: [TRANSFER] }],
    ['has no money', OPENING],
    ['has money of another amount', { ...OPENING, otherTransfers: [{ reportedAmount: '99' }] }],
    ['may still get its account', { ...awaited, heldTransfers: [TRANSFER] }],
  ])('can’t be accepted when it %s', (_, payment) => {
    expect(accept(payment, 'receipt', BEFORE)).toBeUndefined();
  });
});

describe('unknownOrder', () => {
  const about = { merchantNo: '21008024', orderNo: 'STRANGER', livemode: true };
  const outcome = said('paid', { reportedAmount: '1280' });

  it('is an event about the order that holds the outcome', () => {
    expect(unknownOrder(about, outcome, BEFORE)).toStrictEqual({
      ...about,
      id: expect.stringMatching(/^evt_/),
      type: 'atm.unknown_order',
      occurredAt: BEFORE,
      outcome,
    });
  });

  it('is the same fact when it is told later, or in other words', () => {
    const repeated = { ...outcome, message: '核准' };
    expect(unknownOrder(about, repeated, DEADLINE).id).toBe(unknownOrder(about, outcome, BEFORE).id);
  });

  it.each([
    ['another status', about, said('failed', { reportedAmount: '1280' })],
    ['another amount', about, said('paid', { reportedAmount: '1281' })],
    ['another payer', about, { ...outcome, payer: { bankCode: '822' } }],
    ['another time', about, { ...outcome, transactedAt: BEFORE }],
    ['no amount', about, said('paid')],
    ['another order', { ...about, orderNo: 'OTHER' }, outcome],
    ['another merchant', { ...about, merchantNo: '1265' }, outcome],
  ])('is another fact with %s', (_, other, told) => {
    expect(unknownOrder(other, told, BEFORE).id).not.toBe(unknownOrder(about, outcome, BEFORE).id);
  });
});

/** Transfers that differ in their payers; `right` is the test's own knowledge of the NT$ 1280 that were asked. */
const TRANSFERS = [
  { text: '1280', right: true, account: '***********00001', datedMs: -86_400_000 },
  { text: '128000', right: true, account: '***********00002', datedMs: 999 },
  { text: '1280.0', right: true, account: '***********00003', datedMs: 1000 },
  { text: '1281', right: false, account: '***********00004', datedMs: -1000 },
  { text: '12.80', right: false, account: '***********00005', datedMs: 0 },
  { text: '12800000', right: false, account: '***********00006', datedMs: 86_400_000 },
] as const;
type Told = (typeof TRANSFERS)[number];

interface Step {
  readonly waitMs: number;
  readonly act: 'issue' | 'lose' | 'fail' | 'paid without an amount' | OutcomeStatus;
  readonly transfer: Told;
  /** Whether the time of the transfer is told: a query does not tell it. */
  readonly isDated: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof(
    fc.constantFrom(0, 1, 999, 1000, 3_599_000, 3_600_000, 86_400_000),
    fc.integer({ min: 0, max: 200_000_000 }),
  ),
  act: fc.constantFrom(
    ...(['issue', 'issue', 'lose', 'fail', 'paid', 'paid', 'paid', 'paid', 'paid without an amount'] as const),
    ...(['unpaid', 'paying', 'closed', 'failed', 'unknown'] as const),
  ),
  transfer: fc.constantFrom(...TRANSFERS),
  isDated: fc.boolean(),
});
const steps = fc.array(step, { maxLength: 15 });
const REPLY_AWAITED_MS = 50_000;
const FAILURE = { code: '6307', message: '此訂單號已存在' };

function outcomeOf({ act, transfer, isDated }: Step): Outcome | undefined {
  if (act === 'issue' || act === 'lose' || act === 'fail') return undefined;
  if (act === 'paid without an amount') return said('paid');
  if (act !== 'paid') return said(act);
  return said('paid', {
    reportedAmount: transfer.text,
    payer: { account: transfer.account },
    ...(isDated ? { transactedAt: after(DEADLINE, transfer.datedMs) } : {}),
  });
}

/** What one step did: when, and the payment before and after it. */
interface Taken extends Settlement {
  readonly step: Step;
  readonly now: Date;
  readonly before: Payment;
}

function apply(payment: Payment, next: Step, now: Date): Settlement {
  const outcome = outcomeOf(next);
  if (outcome) return settle(payment, outcome, now);
  if (next.act === 'issue') return issue(payment, ACCOUNT, now);
  return next.act === 'lose' ? loseReply(payment, now) : fail(payment, FAILURE, now);
}

function play(story: readonly Step[]): Taken[] {
  let payment: Payment = deepFreeze({ ...OPENING, replyAwaitedUntil: after(OPENED, REPLY_AWAITED_MS) });
  let now = OPENED;
  return story.map((next) => {
    const before = payment;
    now = after(now, next.waitMs);
    const settled = apply(before, next, now);
    payment = deepFreeze(settled.payment);
    return { ...settled, step: next, now, before };
  });
}

function eventsOf(taken: readonly Taken[]): AtmEvent[] {
  return taken.flatMap(({ events }) => [...events]);
}

/** The oracle: the design's sentences about states and money, told by a machine that knows neither payments nor events. */
class Model {
  state = 'opening';
  private ms = 0;
  private hasAccount = false;
  private replyMayCome = true;
  private readonly seen = new Set<Told>();
  private held: Step[] = [];
  /** Transfers that were told of as unclaimed. */
  private unclaimed: Step[] = [];

  /** Does a step, and names the events. */
  take(next: Step): string[] {
    this.ms += next.waitMs;
    switch (next.act) {
      case 'issue':
        return this.issue();
      case 'lose':
        return this.state === 'opening' ? this.lose() : [];
      case 'fail':
        return this.state === 'opening' ? [...this.lose(), ...this.become('failed', 'atm.failed')] : [];
    }
    if (this.state === 'opening' && this.replyMayCome && this.ms < REPLY_AWAITED_MS) return this.hold(next);
    return [...this.release(), ...this.settle(next)];
  }

  private issue(): string[] {
    const isOpening = this.state === 'opening';
    this.hasAccount = true;
    this.replyMayCome = false;
    if (isOpening) this.state = 'pending';
    const events = [...this.unclaimed.splice(0), ...this.held.splice(0)].flatMap((held) => this.credit(held));
    return !isOpening || this.hasBeenPaid() ? events : ['atm.issued', ...events];
  }

  private lose(): string[] {
    this.replyMayCome = false;
    return this.release();
  }

  private hold(next: Step): string[] {
    if (next.act === 'paid' && !this.seen.has(next.transfer)) this.held.push(next);
    if (next.act === 'paid') this.seen.add(next.transfer);
    return next.act.startsWith('paid') ? ['to be confirmed'] : [];
  }

  private settle(next: Step): string[] {
    if (next.act === 'paid without an amount') return this.hasBeenPaid() ? [] : ['to be confirmed'];
    if (next.act === 'paid') {
      if (this.seen.has(next.transfer)) return this.complete(next);
      this.seen.add(next.transfer);
      return this.credit(next);
    }
    if (!['opening', 'pending'].includes(this.state)) return [];
    const lapsedMs = this.hasAccount ? this.ms - (DEADLINE.getTime() - OPENED.getTime()) : 0;
    if (next.act === 'failed') return this.become('failed', 'atm.failed');
    if (next.act === 'closed' && lapsedMs >= 1000) return this.become('expired', 'atm.expired');
    if (next.act === 'closed') return this.become('closed', 'atm.closed');
    if (next.act === 'unpaid' && lapsedMs >= GRACE_MS + 1000) return this.become('expired', 'atm.expired');
    return [];
  }

  /** What is told again may tell when it was, which decides whether it is late. */
  private complete(next: Step): string[] {
    this.unclaimed = this.unclaimed.map((told) =>
      told.transfer === next.transfer && next.isDated ? { ...told, isDated: true } : told,
    );
    return [];
  }

  private release(): string[] {
    return this.held.splice(0).flatMap((held) => this.setAside(held));
  }

  private setAside(held: Step): string[] {
    this.unclaimed.push(held);
    return [`atm.unclaimed_payment ${held.transfer.text}`];
  }

  private credit(held: Step): string[] {
    const { transfer, isDated } = held;
    if (this.hasBeenPaid()) return [`atm.duplicate_payment ${transfer.text}`];
    if (!this.hasAccount) return this.setAside(held);
    if (!transfer.right) return [`atm.amount_mismatch ${transfer.text}`];
    const ended = ['failed', 'closed', 'expired'].includes(this.state);
    return this.become('paid', ended || (isDated && transfer.datedMs >= 1000) ? 'late atm.paid' : 'atm.paid');
  }

  private hasBeenPaid(): boolean {
    return this.state === 'paid';
  }

  private become(state: string, event: string): string[] {
    this.state = state;
    return [event];
  }
}

function nameOf(event: AtmEvent): string {
  if (event.type === 'atm.paid') return event.late ? 'late atm.paid' : 'atm.paid';
  return 'transfer' in event ? `${event.type} ${event.transfer.reportedAmount}` : event.type;
}

describe('whatever the platform says, in whatever order', () => {
  /** Checks a sentence about every story that can be told of a payment. */
  function always(check: (taken: readonly Taken[]) => void): void {
    fc.assert(
      fc.property(steps, (story) => {
        check(play(story));
      }),
      { numRuns: 500 },
    );
  }

  it('does as the model does', () => {
    always((taken) => {
      const model = new Model();
      for (const { step: next, events, unconfirmed, payment } of taken) {
        expect([...events.map(nameOf), ...(unconfirmed ? ['to be confirmed'] : [])]).toStrictEqual(model.take(next));
        expect(payment.state).toBe(model.state);
      }
    });
  });

  it('tells stories that reach every state and every event', () => {
    const seen = new Set<string>();
    always((taken) => {
      for (const { payment, events } of taken) [payment.state, ...events.map(nameOf)].forEach((name) => seen.add(name));
    });
    expect([...seen].map((name) => name.replace(/^(atm\.\w+).*/, '$1'))).toEqual(
      expect.arrayContaining([
        ...['opening', 'pending', 'paid', 'failed', 'closed', 'expired'],
        ...['atm.issued', 'atm.paid', 'late atm.paid', 'atm.failed', 'atm.closed', 'atm.expired'],
        ...['atm.amount_mismatch', 'atm.duplicate_payment', 'atm.unclaimed_payment'],
      ]),
    );
  });

  it('never moves a payment away from paid', () => {
    always((taken) => {
      const firstPaid = taken.findIndex(({ payment }) => payment.state === 'paid');
      if (firstPaid === -1) return;
      for (const { payment, events } of taken.slice(firstPaid + 1)) {
        expect(payment.state).toBe('paid');
        expect(events.filter(({ type }) => type !== 'atm.duplicate_payment')).toStrictEqual([]);
      }
    });
  });

  it('pays no payment whose account was never known, whatever is said of it', () => {
    always((taken) => {
      for (const { payment } of taken) if (payment.state === 'paid') expect(payment.account).toBe(ACCOUNT);
    });
  });

  it('forgets no transfer, and tells of each once, or again once its account is known', () => {
    always((taken) => {
      const reported = taken.flatMap(({ step: { act, transfer } }) => (act === 'paid' ? [transfer.account] : []));
      const payersOf = (isUnclaimed: boolean): (string | undefined)[] =>
        eventsOf(taken).flatMap((event) => {
          if ((event.type === 'atm.unclaimed_payment') !== isUnclaimed) return [];
          if (event.type === 'atm.paid') return [event.payment.payer?.account];
          return 'transfer' in event ? [event.transfer.payer?.account] : [];
        });
      const held = taken.at(-1)?.payment.heldTransfers?.map(({ payer }) => payer?.account) ?? [];
      const told = [...payersOf(false), ...payersOf(true), ...held];
      expect([...new Set(told)].sort()).toStrictEqual([...new Set(reported)].sort());
      for (const payers of [payersOf(false), payersOf(true)]) expect(new Set(payers).size).toBe(payers.length);
    });
  });

  it('records each event under an id of its own', () => {
    always((taken) => {
      const ids = eventsOf(taken).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('changes nothing when the same is said twice in a row', () => {
    always((taken) => {
      for (const { step: next, payment, now, unconfirmed } of taken) {
        const outcome = outcomeOf(next);
        if (!outcome) continue;
        const again = settle(payment, outcome, now);
        expect(again.payment).toBe(payment);
        expect(again.events).toStrictEqual([]);
        expect(again.unconfirmed).toBe(unconfirmed);
      }
    });
  });

  it('leaves its input as it was, and answers the same to the same', () => {
    always((taken) => {
      for (const { step: next, before, now, payment, events, unconfirmed } of taken) {
        const outcome = deepFreeze(outcomeOf(next));
        if (!outcome) continue;
        const copies = structuredClone([before, outcome, now]);
        expect(settle(before, outcome, now)).toStrictEqual({ payment, events, unconfirmed });
        expect([before, outcome, now]).toStrictEqual(copies);
      }
    });
  });

  it('keeps what was asked, and forgets neither the account nor a transfer', () => {
    always((taken) => {
      for (const { before, payment } of taken) {
        expect(payment).toMatchObject({ merchantNo: '21008024', orderNo: 'A1', amount: 1280, createdAt: OPENED });
        if (isIssued(before)) expect(payment.account).toBe(before.account);
        if (isIssued(before)) {
          expect(payment.otherTransfers?.length ?? 0).toBeGreaterThanOrEqual(before.otherTransfers?.length ?? 0);
        }
      }
    });
  });

  it('lets the last event tell of the state in which the payment was left', () => {
    always((taken) => {
      for (const { payment, events } of taken) {
        const last = events.at(-1);
        if (last) expect('payment' in last && last.payment.state).toBe(payment.state);
      }
    });
  });
});
