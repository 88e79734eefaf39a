import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidFieldError } from './protocol/index.js';
import {
  assertAcceptPayment,
  assertCreatePayment,
  assertDeliveryFilter,
  assertLookup,
  assertMoment,
  assertPaymentFilter,
  assertPeriod,
  assertReplayFilter,
} from './wanpay.input.js';

/** What a caller without types may pass. */
function untyped(value: unknown): never {
  return value as never;
}

function refusedField(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFieldError) return error.field;
    throw error;
  }
}

const NO_MOMENT = [new Date(NaN), '2026-03-01', 0, null, {}];
const NOW = new Date('2026-03-01T04:00:00Z');

describe('a payment to create', () => {
  it.each([undefined, null, 'A1', 50])('must be an object, not %j', (payment) => {
    expect(
      refusedField(() => {
        assertCreatePayment(untyped(payment));
      }),
    ).toBe('payment');
  });

  it('needs no merchant and no number, and is refused with wrong ones', () => {
    expect(
      refusedField(() => {
        assertCreatePayment({ amount: 50 });
      }),
    ).toBeUndefined();
    expect(
      refusedField(() => {
        assertCreatePayment({ amount: 50, merchantNo: 'M'.repeat(31) });
      }),
    ).toBe('merchantNo');
    expect(
      refusedField(() => {
        assertCreatePayment(untyped({ amount: 50, orderNo: null }));
      }),
    ).toBe('orderNo');
    expect(
      refusedField(() => {
        assertCreatePayment(untyped({ amount: 50, merchantNo: 1 }));
      }),
    ).toBe('merchantNo');
  });
});

describe('the terms of a payment', () => {
  it.each(['validDays', 'returnUrl', 'notificationUrl', 'merchantNo', 'orderNo'])(
    'are refused where %s is null, which is not the same as left out',
    (term) => {
      expect(
        refusedField(() => {
          assertCreatePayment(untyped({ amount: 50, [term]: null }));
        }),
      ).toBe(term);
    },
  );

  it('are refused with an empty notification address, with which the platform would have none', () => {
    expect(
      refusedField(() => {
        assertCreatePayment({ amount: 50, notificationUrl: '' });
      }),
    ).toBe('notificationUrl');
  });
});

describe('what names a payment', () => {
  it.each(['A1', '07191703354308glfv', 'nobody-Knows_this/1', 'A'.repeat(100)])('may be %s', (orderNo) => {
    expect(
      refusedField(() => {
        assertLookup(orderNo, undefined);
      }),
    ).toBeUndefined();
  });

  it.each([undefined, null, '', 1, {}, ['A1'], 'A\0', '\uD800', 'A'.repeat(101)])(
    'is refused when it is %j',
    (orderNo) => {
      expect(
        refusedField(() => {
          assertLookup(untyped(orderNo), undefined);
        }),
      ).toBe('orderNo');
    },
  );

  it.each(['', null, 1, '\0', 'M'.repeat(31)])('is refused with the merchant %j', (merchantNo) => {
    expect(
      refusedField(() => {
        assertLookup('A1', untyped(merchantNo));
      }),
    ).toBe('merchantNo');
  });
});

describe('a decision to accept', () => {
  it.each<[string | undefined, unknown, unknown]>([
    ['decision', 'A1', undefined],
    ['decision', 'A1', 'the payer sent a receipt'],
    ['orderNo', undefined, { reason: 'x' }],
    ['orderNo', 'A\0', { reason: 'x' }],
    ['merchantNo', 'A1', { reason: 'x', merchantNo: 1 }],
    [undefined, 'A1', { reason: 'x', merchantNo: '1265' }],
  ])('is refused for its %s, or taken: %j, %j', (field, orderNo, decision) => {
    expect(
      refusedField(() => {
        assertAcceptPayment(untyped(orderNo), untyped(decision));
      }),
    ).toBe(field);
  });
});

describe('a moment', () => {
  it.each(NO_MOMENT)('is not %p', (value) => {
    expect(
      refusedField(() => {
        assertMoment('before', value);
      }),
    ).toBe('before');
    expect(
      refusedField(() => {
        assertPeriod(untyped({ from: value, to: NOW }));
      }),
    ).toBe('from');
    expect(
      refusedField(() => {
        assertPeriod(untyped({ from: NOW, to: value }));
      }),
    ).toBe('to');
    expect(
      refusedField(() => {
        assertPaymentFilter(untyped({ createdFrom: value }));
      }),
    ).toBe('createdFrom');
    expect(
      refusedField(() => {
        assertPaymentFilter(untyped({ createdBefore: value }));
      }),
    ).toBe('createdBefore');
    expect(
      refusedField(() => {
        assertReplayFilter(untyped({ from: value }));
      }),
    ).toBe('from');
  });

  it('is a valid Date', () => {
    expect(
      refusedField(() => {
        assertPeriod({ from: NOW, to: NOW, merchantNo: 'M1' });
      }),
    ).toBeUndefined();
  });
});

describe('a filter', () => {
  it('of payments knows the states', () => {
    expect(
      refusedField(() => {
        assertPaymentFilter({ states: ['paid', 'opening'] });
      }),
    ).toBeUndefined();
    expect(
      refusedField(() => {
        assertPaymentFilter(untyped({ states: ['payed'] }));
      }),
    ).toBe('states');
    expect(
      refusedField(() => {
        assertPaymentFilter(untyped({ states: 'paid' }));
      }),
    ).toBe('states');
    expect(
      refusedField(() => {
        assertPaymentFilter(untyped({ states: ['toString'] }));
      }),
    ).toBe('states');
  });

  it('of deliveries knows states and types', () => {
    expect(
      refusedField(() => {
        assertDeliveryFilter({ state: 'dead', type: 'atm.paid', handler: 'h' });
      }),
    ).toBeUndefined();
    expect(
      refusedField(() => {
        assertDeliveryFilter(untyped({ state: 'lost' }));
      }),
    ).toBe('state');
    expect(
      refusedField(() => {
        assertDeliveryFilter(untyped({ type: 'atm.payed' }));
      }),
    ).toBe('type');
    expect(
      refusedField(() => {
        assertDeliveryFilter(untyped({ handler: 5 }));
      }),
    ).toBe('handler');
    expect(
      refusedField(() => {
        assertReplayFilter(untyped({ state: 'pending' }));
      }),
    ).toBe('state');
  });

  it('is refused with InvalidFieldError or taken, whatever is passed', () => {
    const names = [
      'merchantNo',
      'states',
      'createdFrom',
      'createdBefore',
      'after',
      'state',
      'handler',
      'type',
      'from',
      'to',
    ];
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...names), fc.anything())), (filter) => {
        for (const check of [assertPaymentFilter, assertDeliveryFilter, assertReplayFilter]) {
          refusedField(() => {
            check(untyped(filter));
          });
        }
      }),
    );
  });
});
