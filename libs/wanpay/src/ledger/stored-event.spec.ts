import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../protocol/index.js';
import { ATM_EVENT_TYPES, type AtmEvent } from './events.js';
import type { Payment } from './payment.js';
import { readEventDetails, readPayment, writeDocument } from './record.js';
import { accept, issue, settle, unknownOrder } from './settle.js';
import { type StoredEvent, toEvent, toStoredEvent } from './stored-event.js';

const OPENED = new Date('2026-03-01T04:00:00Z');
const OPENING: Payment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  amount: 1280,
  livemode: true,
  state: 'opening',
  validDays: 3,
  description: '測試 🧧',
  createdAt: OPENED,
  updatedAt: OPENED,
};
const ACCOUNT = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59Z'),
};

const moment = fc.integer({ min: 0, max: 10 * 86_400 }).map((seconds) => new Date(OPENED.getTime() + seconds * 1000));
const outcome: fc.Arbitrary<Outcome> = fc.record(
  {
    status: fc.constantFrom('paid', 'unpaid', 'closed', 'failed', 'paying'),
    code: fc.constantFrom('0000', '5801'),
    reportedAmount: fc.constantFrom('1280', '128000', '7', '9.5'),
    payer: fc.record({ bankCode: fc.constant('822'), account: fc.constant('***89012') }, { requiredKeys: [] }),
    transactedAt: moment,
  },
  { requiredKeys: ['status', 'code'] },
);

/** What happens to a payment: the account comes after some outcomes, then others follow. */
const story = fc.record({
  before: fc.array(fc.tuple(outcome, moment), { maxLength: 2 }),
  issuedAt: moment,
  after: fc.array(fc.tuple(outcome, moment), { maxLength: 6 }),
});

interface Told {
  readonly payment: Payment;
  readonly events: readonly AtmEvent[];
}

function tell({ before, issuedAt, after }: typeof story extends fc.Arbitrary<infer Story> ? Story : never): Told {
  let payment = OPENING;
  const events: AtmEvent[] = [];
  const take = (settled: Told): void => {
    payment = settled.payment;
    events.push(...settled.events);
  };
  for (const [said, now] of before) take(settle(payment, said, now));
  take(issue(payment, ACCOUNT, issuedAt));
  for (const [said, now] of after) take(settle(payment, said, now));
  return { payment, events };
}

describe('a stored event', () => {
  it('gives back the event as it was, whatever has become of its payment', () => {
    fc.assert(
      fc.property(story, (each) => {
        const { payment, events } = tell(each);
        for (const event of events) {
          // An account that came later is told of too: a payment has one account for ever.
          const expected = 'payment' in event ? { ...event, payment: { ...event.payment, account: ACCOUNT } } : event;
          expect(toEvent(OPENING, toStoredEvent(event, 0), payment)).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives back the event from its document', () => {
    fc.assert(
      fc.property(story, (each) => {
        const { payment, events } = tell(each);
        const read = readPayment(writeDocument(payment));
        for (const event of events) {
          const stored = toStoredEvent(event, 0);
          const details = readEventDetails(writeDocument(stored.details));
          expect(toEvent(OPENING, { ...stored, details }, read)).toEqual(toEvent(OPENING, stored, payment));
        }
      }),
    );
  });

  it('is tried with every type that a payment has', () => {
    const seen = new Set<string>(['atm.unknown_order']);
    fc.assert(
      fc.property(story, (each) => {
        for (const { type } of tell(each).events) seen.add(type);
      }),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual([...ATM_EVENT_TYPES].sort());
  });

  it('gives back the event of an order without a payment', () => {
    fc.assert(
      fc.property(outcome, moment, (said, now) => {
        const event = unknownOrder(OPENING, said, now);
        expect(toEvent(OPENING, toStoredEvent(event, 3))).toEqual(event);
        expect(toEvent(OPENING, toStoredEvent(event, 3), OPENING)).toEqual(event);
      }),
    );
  });

  it('keeps a person’s decision, which is part of its payment', () => {
    const said = { status: 'paid', code: '0000', reportedAmount: '1280' } as const;
    const accepted = accept(settle(OPENING, said, OPENED).payment, 'receipt', OPENED);
    const [event] = accepted?.events ?? [];
    expect(event && toStoredEvent(event, 1).details.acceptance).toEqual({ reason: 'receipt', acceptedAt: OPENED });
  });

  it('holds its number, and no payment', () => {
    const { events } = issue(OPENING, ACCOUNT, OPENED);
    const [stored] = events.map((event) => toStoredEvent(event, 5));
    expect(stored).toStrictEqual({
      id: expect.stringMatching(/^evt_/),
      seq: 5,
      type: 'atm.issued',
      occurredAt: OPENED,
      livemode: true,
      details: { state: 'pending' },
    });
  });

  it('makes up nothing where its details are not there', () => {
    const stored = { id: 'evt_1', seq: 0, occurredAt: OPENED, livemode: true, details: {} };
    const unknown = toEvent(OPENING, { ...stored, type: 'atm.unknown_order' });
    expect(unknown).toMatchObject({ outcome: { status: 'unknown', code: '' } });
    const mismatch = toEvent(OPENING, { ...stored, type: 'atm.amount_mismatch' }, OPENING);
    expect(mismatch).toMatchObject({ transfer: { reportedAmount: '' }, reportedAmount: '' });
  });

  it('says what is wrong when its payment or account is gone', () => {
    const [event] = issue(OPENING, ACCOUNT, OPENED).events;
    const stored: StoredEvent | undefined = event && toStoredEvent(event, 0);
    expect(stored).toBeDefined();
    if (!stored) return;
    expect(() => toEvent(OPENING, stored)).toThrow('has no payment');
    expect(() => toEvent(OPENING, stored, OPENING)).toThrow('has no account');
  });
});
