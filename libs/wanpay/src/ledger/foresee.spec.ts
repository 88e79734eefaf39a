import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AmountUnit, Outcome, OutcomeStatus, VirtualAccount } from '../protocol/index.js';
import { foresee } from './foresee.js';
import type { Report } from './ledger.js';
import type { Payment } from './payment.js';
import { settle } from './settle.js';

const NOW = new Date('2022-07-22T04:00:00Z');
const DAY_MS = 86_400_000;

const ACCOUNT: Omit<VirtualAccount, 'expiresAt'> = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
};

const moments = fc.date({
  min: new Date(NOW.getTime() - 40 * DAY_MS),
  max: new Date(NOW.getTime() + 40 * DAY_MS),
  noInvalidDate: true,
});
const optional = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(values, { nil: undefined });
const amounts = fc.oneof(fc.integer({ min: 11, max: 20_000 }), fc.integer({ min: 11, max: 9_999_999_999 }));
const reports = fc
  .record({
    amount: amounts,
    written: fc.constantFrom('dollars', 'cents', 'decimals'),
    transactedAt: optional(moments),
    payer: optional(fc.record({ bankCode: fc.constant('013'), account: fc.constant('***********12345') })),
  })
  .map(({ amount, written, transactedAt, payer }): Report => {
    const reportedAmount = { dollars: `${amount}`, cents: `${amount}00`, decimals: `${amount}.00` }[written];
    return reported({ reportedAmount, ...(transactedAt ? { transactedAt } : {}), ...(payer ? { payer } : {}) });
  });

function reported(rest: Partial<Outcome>, status: OutcomeStatus = 'paid'): Report {
  return {
    merchantNo: '21008024',
    orderNo: 'A1',
    livemode: true,
    outcome: { status, code: '0000', ...rest },
    source: 'notification',
    now: NOW,
  };
}

describe('foresee', () => {
  it('foresees what settle does to any payment that is open, of such an amount, and has not lapsed', () => {
    let foreseen = 0;
    const payments = fc.record(
      {
        unit: fc.constantFrom<AmountUnit>('dollars', 'cents'),
        livemode: fc.boolean(),
        validDays: fc.integer({ min: 1, max: 30 }),
        description: fc.string(),
        mismatchedAmounts: fc.array(fc.string(), { minLength: 1 }),
        expiresAt: fc.option(moments, { nil: undefined }),
        createdAt: moments,
      },
      { requiredKeys: ['unit', 'livemode', 'expiresAt', 'createdAt'] },
    );
    fc.assert(
      fc.property(reports, payments, (report, { unit, expiresAt, ...rest }) => {
        const foresight = foresee(report);
        const amount = foresight?.amounts[unit];
        if (!foresight || amount === undefined) return;
        if (foresight.transactedAt && !(expiresAt && foresight.transactedAt <= expiresAt)) return;
        foreseen += 1;
        const payment: Payment = {
          ...rest,
          merchantNo: report.merchantNo,
          orderNo: report.orderNo,
          amount,
          ...(expiresAt ? { state: 'pending', account: { ...ACCOUNT, expiresAt } } : { state: 'opening' }),
          updatedAt: rest.createdAt,
        };
        const { state, payer, paidAt, updatedAt } = foresight.paid;
        const paid = { ...payment, state, payer, paidAt, updatedAt, amountUnit: unit };
        expect(settle(payment, report.outcome, report.now)).toEqual({
          payment: paid,
          events: [{ ...foresight.event, livemode: payment.livemode, payment: paid }],
          unconfirmed: false,
        });
      }),
      { numRuns: 2000 },
    );
    expect(foreseen).toBeGreaterThan(500);
  });

  it('foresees both units of an amount that may be either', () => {
    expect(foresee(reported({ reportedAmount: '128000' }))?.amounts).toEqual({ dollars: 128_000, cents: 1280 });
    expect(foresee(reported({ reportedAmount: '1280.00' }))?.amounts).toEqual({ dollars: 1280 });
  });

  it.each<[string, Report]>([
    ['a "paid" without an amount', reported({})],
    ['a "paid" of what is no amount', reported({ reportedAmount: '12a' })],
    ['a "paid" of no whole dollars', reported({ reportedAmount: '12.5' })],
    ['a "paid" that must be confirmed', { ...reported({ reportedAmount: '128000' }), mustConfirm: true }],
    ['a "failed"', reported({ reportedAmount: '128000' }, 'failed')],
    ['an "unpaid"', reported({ reportedAmount: '128000' }, 'unpaid')],
    ['an unknown outcome', reported({ reportedAmount: '128000' }, 'unknown')],
    [
      'a transfer that no account can have waited for',
      reported({ reportedAmount: '128000', transactedAt: new Date(NOW.getTime() + 32 * DAY_MS) }),
    ],
  ])('leaves %s to settle', (_what, report) => {
    expect(foresee(report)).toBeUndefined();
  });
});
