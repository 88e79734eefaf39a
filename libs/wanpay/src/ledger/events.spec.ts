import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ATM_EVENT_TYPES, type AtmEventType, eventBase } from './events.js';

const NOW = new Date('2022-07-22T03:00:00Z');
const ABOUT = { merchantNo: '21008024', orderNo: 'A1', livemode: false };

describe('an event’s head', () => {
  it('names the payment, the moment and whether the money is real, and nothing else', () => {
    const payment = { ...ABOUT, livemode: true, amount: 1280, payer: { account: '0004123456789012' } };
    expect(eventBase('atm.paid', payment, NOW)).toStrictEqual({
      id: expect.stringMatching(/^evt_[0-9a-f]{24}$/),
      type: 'atm.paid',
      merchantNo: '21008024',
      orderNo: 'A1',
      livemode: true,
      occurredAt: NOW,
    });
  });

  it.each([
    ['atm.paid', '', 'evt_4fb65e5b14620daed51a01a5'],
    ['atm.amount_mismatch', '1281', 'evt_f3d4c01f11e46acf09890c45'],
  ] as const)('gives %s (%j) an id that never changes, since hosts store it', (type, discriminator, id) => {
    expect(eventBase(type, ABOUT, NOW, discriminator).id).toBe(id);
  });

  it('gives the same fact the same id, whenever it is learnt', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ATM_EVENT_TYPES),
        fc.string(),
        fc.date({ noInvalidDate: true }),
        (type, x, date) => {
          expect(eventBase(type, ABOUT, date, x).id).toBe(eventBase(type, { ...ABOUT, livemode: true }, NOW, x).id);
        },
      ),
    );
  });

  it('gives different facts different ids, even where their parts run into one another', () => {
    // Few and awkward characters, so that parts often differ only in where one ends and the next begins.
    const part = fc.string({ unit: fc.constantFrom('A', '1', '"', ',', ' ', '\\'), maxLength: 3 });
    const fact = fc.tuple(fc.constantFrom(...ATM_EVENT_TYPES), part, part, part);
    const idOf = ([type, merchantNo, orderNo, discriminator]: [AtmEventType, string, string, string]): string =>
      eventBase(type, { merchantNo, orderNo, livemode: false }, NOW, discriminator).id;
    fc.assert(
      fc.property(fact, fact, (one, other) => {
        const same = one.every((text, i) => text === other[i]);
        expect(idOf(one) === idOf(other)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('ATM_EVENT_TYPES', () => {
  it('lists every event once', () => {
    const every: Record<AtmEventType, true> = {
      'atm.issued': true,
      'atm.paid': true,
      'atm.failed': true,
      'atm.closed': true,
      'atm.expired': true,
      'atm.amount_mismatch': true,
      'atm.duplicate_payment': true,
      'atm.unclaimed_payment': true,
      'atm.unknown_order': true,
    };
    expect([...ATM_EVENT_TYPES].sort()).toStrictEqual(Object.keys(every).sort());
  });
});
