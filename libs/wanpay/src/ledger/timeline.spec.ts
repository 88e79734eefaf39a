import { describe, expect, it } from '@jest/globals';
import type { OrderHistory, StoredOutcome } from './store.js';
import { stateOf, toTimeline } from './timeline.js';

const at = (seconds: number): Date => new Date(1_772_337_600_000 + seconds * 1000);

const OUTCOME: StoredOutcome = {
  digest: '0'.repeat(16),
  source: 'query',
  outcome: { status: 'unpaid', code: '5801' },
  change: { from: 'pending', to: 'pending' },
  firstSeenAt: at(2),
  lastSeenAt: at(9),
  count: 4,
};

const DELIVERY: OrderHistory['deliveries'][number] = {
  merchantNo: '21008024',
  orderNo: 'A1',
  seq: 0,
  handler: 'Shipping',
  position: 7,
  state: 'pending',
  attempts: 2,
  claim: 2,
  claimed: false,
  dueAt: at(5),
  failure: 'no luck',
};

const HISTORY: OrderHistory = {
  outcomes: [OUTCOME],
  events: [
    { id: 'evt_1', seq: 0, type: 'atm.issued', occurredAt: at(1), livemode: false, details: {} },
    { id: 'evt_2', seq: 1, type: 'atm.paid', occurredAt: at(2), livemode: false, details: {} },
  ],
  deliveries: [DELIVERY, { ...DELIVERY, handler: 'Mail', seq: 0, state: 'delivered' }],
};

describe('toTimeline', () => {
  it('is empty for an order of which nothing is known', () => {
    expect(toTimeline({ outcomes: [], events: [], deliveries: [] })).toEqual([]);
  });

  it('puts an outcome before the event that came of it, and both behind what was earlier', () => {
    const entries = toTimeline(HISTORY).map((entry) =>
      entry.kind === 'outcome' ? entry.outcome.status : entry.kind === 'event' ? entry.type : entry.action,
    );
    expect(entries).toEqual(['atm.issued', 'unpaid', 'atm.paid']);
  });

  it('tells how often an outcome was said, and when last', () => {
    expect(toTimeline(HISTORY)[1]).toStrictEqual({
      kind: 'outcome',
      at: at(2),
      lastAt: at(9),
      count: 4,
      source: 'query',
      outcome: OUTCOME.outcome,
      change: OUTCOME.change,
    });
  });

  it('tells of each event how far its own deliveries are', () => {
    const [issued, , paid] = toTimeline(HISTORY);
    expect(issued).toMatchObject({
      deliveries: [
        { handler: 'Shipping', state: 'pending', attempts: 2, failure: 'no luck' },
        { handler: 'Mail', state: 'delivered' },
      ],
    });
    expect(paid).toMatchObject({ eventId: 'evt_2', deliveries: [] });
  });

  it('tells of no failure where there was none', () => {
    const { failure: _failure, ...delivery } = DELIVERY;
    const [issued] = toTimeline({ ...HISTORY, deliveries: [delivery] });
    expect(issued).toHaveProperty('deliveries.0.attempts', 2);
    expect(issued).not.toHaveProperty('deliveries.0.failure');
    expect(issued).not.toHaveProperty('deliveries.0.failure');
  });
});

describe('stateOf', () => {
  it.each([
    ['pending', false, at(0), 'pending'],
    ['pending', true, at(0), 'running'],
    ['pending', true, undefined, 'running'],
    ['pending', true, at(5), 'pending'],
    ['delivered', false, at(0), 'delivered'],
    ['dead', false, at(0), 'dead'],
    ['delivered', true, at(0), 'delivered'],
  ] as const)('of %s, claimed %s, at %p is %s', (state, claimed, now, expected) => {
    expect(stateOf({ state, claimed, dueAt: at(5) }, now)).toBe(expected);
  });
});
