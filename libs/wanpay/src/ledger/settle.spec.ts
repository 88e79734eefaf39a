import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome, OutcomeStatus, VirtualAccount } from '../protocol/index.js';
import type { AtmEvent } from './events.js';
import { isIssued, type Payment, type PaymentState } from './payment.js';
import { EXPIRY_GRACE_SECONDS, issue, settle, type Settlement, unknownOrder } from './settle.js';

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
  const ASK = 'unchanged, unconfirmed';
  const FAILED = 'failed, with atm.failed';
  const CLOSED = 'closed, with atm.closed';
  const EXPIRED = 'expired, with atm.expired';

  const rows: [string, Outcome, Date, cells: string[]][] = [
    // A payment whose account is not known has the latest deadline that it can have: the first column differs in the
    // rows about time.
    ['paid, the amount asked', said('paid', { reportedAmount: '1280' }), BEFORE, [PAID, PAID, LATE, LATE, LATE, U]],
    ['paid, the same in cents', said('paid', { reportedAmount: '128000' }), BEFORE, [PAID, PAID, LATE, LATE, LATE, U]],
    ['paid, another amount', said('paid', { reportedAmount: '1281' }), BEFORE, [...Array<string>(5).fill(MISMATCH), U]],
    ['paid, what is no amount', said('paid', { reportedAmount: '?' }), BEFORE, [...Array<string>(5).fill(MISMATCH), U]],
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
    expect(second.payment.mismatchedAmounts).toStrictEqual(['1281', '12.80']);
  });

  it('still takes the right amount after a wrong one', () => {
    const { payment } = settle(pending, said('paid', { reportedAmount: '1281' }), BEFORE);
    expect(settle(payment, said('paid', { reportedAmount: '1280' }), BEFORE).payment).toMatchObject({
      state: 'paid',
      mismatchedAmounts: ['1281'],
    });
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

  it('is the same fact when only the time or the wording is another', () => {
    const repeated = { ...outcome, transactedAt: BEFORE, payer: { bankCode: '822' } };
    expect(unknownOrder(about, repeated, DEADLINE).id).toBe(unknownOrder(about, outcome, BEFORE).id);
  });

  it.each([
    ['another status', about, said('failed', { reportedAmount: '1280' })],
    ['another amount', about, said('paid', { reportedAmount: '1281' })],
    ['no amount', about, said('paid')],
    ['another order', { ...about, orderNo: 'OTHER' }, outcome],
    ['another merchant', { ...about, merchantNo: '1265' }, outcome],
  ])('is another fact with %s', (_, other, told) => {
    expect(unknownOrder(other, told, BEFORE).id).not.toBe(unknownOrder(about, outcome, BEFORE).id);
  });
});

/** How an amount stands to the NT$ 1280 that were asked; the test's own knowledge, nothing is computed. */
const AMOUNTS = [
  { text: '1280', right: true },
  { text: '1280.0', right: true },
  { text: '128000', right: true },
  { text: '1281', right: false },
  { text: '12.80', right: false },
  { text: '127999', right: false },
  { text: '12800000', right: false },
  { text: 'NT$1280', right: false },
  { text: undefined, right: false },
] as const;

interface Step {
  readonly waitMs: number;
  readonly act: 'issue' | OutcomeStatus;
  readonly amount: (typeof AMOUNTS)[number];
  /** When the platform dates the transfer, in milliseconds from the deadline. */
  readonly datedMs: number | undefined;
}

const step: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof(
    fc.constantFrom(0, 1, 999, 1000, 3_599_000, 3_600_000, 86_400_000),
    fc.integer({ min: 0, max: 200_000_000 }),
  ),
  act: fc.constantFrom('issue', 'paid', 'paid', 'unpaid', 'paying', 'closed', 'failed', 'unknown'),
  amount: fc.constantFrom(...AMOUNTS),
  datedMs: fc.option(fc.constantFrom(-86_400_000, -1000, 0, 999, 1000, 86_400_000), { nil: undefined }),
});
const steps = fc.array(step, { maxLength: 15 });

function outcomeOf({ act, amount, datedMs }: Step): Outcome {
  if (act === 'issue') throw new Error('An issue has no outcome.');
  return said(act, {
    ...(amount.text === undefined ? {} : { reportedAmount: amount.text }),
    ...(datedMs === undefined ? {} : { transactedAt: after(DEADLINE, datedMs) }),
  });
}

/** What one step did: when, and the payment before and after it. */
interface Taken extends Settlement {
  readonly step: Step;
  readonly now: Date;
  readonly before: Payment;
}

function play(story: readonly Step[]): Taken[] {
  let payment = deepFreeze({ ...OPENING });
  let now = OPENED;
  return story.map((next) => {
    const before = payment;
    now = after(now, next.waitMs);
    const settled = next.act === 'issue' ? issue(before, ACCOUNT, now) : settle(before, outcomeOf(next), now);
    payment = deepFreeze(settled.payment);
    return { ...settled, step: next, now, before };
  });
}

function eventsOf(taken: readonly Taken[]): AtmEvent[] {
  return taken.flatMap(({ events }) => [...events]);
}

/** The oracle: the design's sentences about states, told by a machine that knows neither payments nor events. */
class Model {
  state = 'opening';
  private ms = OPENED.getTime();
  private hasAccount = false;
  private readonly wrongAmounts = new Set<string>();

  /** Does a step, and names the events. */
  take({ waitMs, act, amount, datedMs }: Step): string[] {
    this.ms += waitMs;
    if (act === 'issue') {
      this.hasAccount = true;
      return this.state === 'opening' ? this.become('pending', 'atm.issued') : [];
    }
    if (this.state === 'paid') return [];
    if (act === 'paid') {
      if (amount.text === undefined) return ['to be confirmed'];
      if (amount.right) {
        const ended = ['failed', 'closed', 'expired'].includes(this.state);
        const dated = this.hasAccount && datedMs !== undefined && datedMs >= 1000;
        return this.become('paid', ended || dated ? 'late atm.paid' : 'atm.paid');
      }
      if (this.wrongAmounts.has(amount.text)) return [];
      this.wrongAmounts.add(amount.text);
      return [`atm.amount_mismatch ${amount.text}`];
    }
    if (!['opening', 'pending'].includes(this.state)) return [];
    const lapsedMs = this.hasAccount ? this.ms - DEADLINE.getTime() : 0;
    if (act === 'failed') return this.become('failed', 'atm.failed');
    if (act === 'closed' && lapsedMs >= 1000) return this.become('expired', 'atm.expired');
    if (act === 'closed') return this.become('closed', 'atm.closed');
    if (act === 'unpaid' && lapsedMs >= GRACE_MS + 1000) return this.become('expired', 'atm.expired');
    return [];
  }

  private become(state: string, event: string): string[] {
    this.state = state;
    return [event];
  }
}

function nameOf(event: AtmEvent): string {
  if (event.type === 'atm.paid') return event.late ? 'late atm.paid' : 'atm.paid';
  return event.type === 'atm.amount_mismatch' ? `atm.amount_mismatch ${event.reportedAmount}` : event.type;
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
    expect([...seen].map((name) => name.replace(/(amount_mismatch).*/, '$1'))).toEqual(
      expect.arrayContaining(['opening', 'pending', 'paid', 'failed', 'closed', 'expired', 'atm.issued', 'atm.paid']),
    );
    expect([...seen]).toEqual(
      expect.arrayContaining(['late atm.paid', 'atm.failed', 'atm.closed', 'atm.expired', 'atm.amount_mismatch 1281']),
    );
  });

  it('never moves a payment away from paid', () => {
    always((taken) => {
      const firstPaid = taken.findIndex(({ payment }) => payment.state === 'paid');
      if (firstPaid === -1) return;
      for (const { payment, events } of taken.slice(firstPaid + 1)) {
        expect(payment.state).toBe('paid');
        expect(events).toStrictEqual([]);
      }
    });
  });

  it('records atm.paid exactly when an amount was right, and only once', () => {
    always((taken) => {
      const told = taken.some(({ step: { act, amount } }) => act === 'paid' && amount.right);
      expect(eventsOf(taken).filter(({ type }) => type === 'atm.paid')).toHaveLength(told ? 1 : 0);
    });
  });

  it('records one atm.amount_mismatch for each wrong amount that came before the right one', () => {
    always((taken) => {
      const right = taken.findIndex(({ step: { act, amount } }) => act === 'paid' && amount.right);
      const untilRight = right === -1 ? taken : taken.slice(0, right);
      const wrong = untilRight.flatMap(({ step: { act, amount } }) => (act === 'paid' ? (amount.text ?? []) : []));
      const recorded = eventsOf(taken).flatMap((event) =>
        event.type === 'atm.amount_mismatch' ? event.reportedAmount : [],
      );
      expect(recorded).toStrictEqual([...new Set(wrong)]);
    });
  });

  it('records each event under an id of its own', () => {
    always((taken) => {
      const ids = eventsOf(taken).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('gives a fact the same id in every story that has it', () => {
    const idOf = new Map<string, string>();
    always((taken) => {
      for (const event of eventsOf(taken)) {
        const fact = nameOf(event).replace('late ', '');
        expect(event.id).toBe(idOf.get(fact) ?? event.id);
        idOf.set(fact, event.id);
      }
    });
    expect(new Set(idOf.values()).size).toBe(idOf.size);
  });

  it('changes nothing when the same is said twice in a row', () => {
    always((taken) => {
      for (const { step: next, payment, now, unconfirmed } of taken) {
        if (next.act === 'issue') continue;
        const again = settle(payment, outcomeOf(next), now);
        expect(again.payment).toBe(payment);
        expect(again.events).toStrictEqual([]);
        expect(again.unconfirmed).toBe(unconfirmed);
      }
    });
  });

  it('leaves its input as it was, and answers the same to the same', () => {
    always((taken) => {
      for (const { step: next, before, now, payment, events, unconfirmed } of taken) {
        if (next.act === 'issue') continue;
        const outcome = deepFreeze(outcomeOf(next));
        const copies = structuredClone([before, outcome, now]);
        expect(settle(before, outcome, now)).toStrictEqual({ payment, events, unconfirmed });
        expect([before, outcome, now]).toStrictEqual(copies);
      }
    });
  });

  it('keeps what was asked, and forgets neither the account nor a wrong amount', () => {
    always((taken) => {
      for (const { before, payment } of taken) {
        expect(payment).toMatchObject({ merchantNo: '21008024', orderNo: 'A1', amount: 1280, createdAt: OPENED });
        if (isIssued(before)) expect(payment.account).toBe(before.account);
        expect(payment.mismatchedAmounts ?? []).toEqual(expect.arrayContaining([...(before.mismatchedAmounts ?? [])]));
      }
    });
  });

  it('lets an event tell of the payment as it was left', () => {
    always((taken) => {
      for (const { payment, events } of taken) {
        for (const event of events) expect('payment' in event && event.payment).toBe(payment);
      }
    });
  });
});
