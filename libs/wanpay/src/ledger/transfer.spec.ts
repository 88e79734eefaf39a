import { describe, expect, it } from '@jest/globals';
import { lookUp, type Transfer, transferOf } from './transfer.js';

const AT = new Date('2022-07-22T03:00:00Z');
const FULL: Transfer = {
  reportedAmount: '128000',
  payer: { bankCode: '822', account: '***********89012' },
  transactedAt: AT,
};

describe('the same transfer', () => {
  it.each<[string, Transfer]>([
    ['told again', FULL],
    ['in the other unit', { ...FULL, reportedAmount: '1280.00' }],
    ['without its time', { reportedAmount: '1280.00', payer: { bankCode: '822', account: '***********89012' } }],
    ['without its payer', { reportedAmount: '128000', transactedAt: AT }],
    ['without its amount', { ...FULL, reportedAmount: '' }],
    ['with an account that is not padded', { ...FULL, payer: { bankCode: '822', account: '******89012' } }],
    ['with the whole account', { ...FULL, payer: { bankCode: '822', account: '0004123456789012' } }],
    ['within the same second', { ...FULL, transactedAt: new Date(AT.getTime() + 999) }],
  ])('is known, %s', (_, reported) => {
    expect(lookUp([FULL], reported)).toStrictEqual({ kind: 'known' });
  });

  it('is completed by what only the later message tells', () => {
    const bare: Transfer = { reportedAmount: '1280.00', payer: { account: '***********89012' } };
    expect(lookUp([bare], FULL)).toStrictEqual({
      kind: 'completed',
      index: 0,
      transfer: { reportedAmount: '1280.00', payer: FULL.payer, transactedAt: AT },
    });
  });

  it.each<[string, Transfer, Transfer]>([
    ['amount', { ...FULL, reportedAmount: '' }, FULL],
    ['bank', { ...FULL, payer: { account: '***********89012' } }, FULL],
    ['account', { ...FULL, payer: { bankCode: '822' } }, FULL],
    ['time', { reportedAmount: '128000', payer: { bankCode: '822', account: '***********89012' } }, FULL],
    ['time alone', { reportedAmount: '128000' }, { reportedAmount: '128000', transactedAt: AT }],
  ])('is completed by its %s', (_, known, reported) => {
    expect(lookUp([known], reported)).toStrictEqual({ kind: 'completed', index: 0, transfer: reported });
  });

  it('is known without an amount, and under its whole account', () => {
    const untold: Transfer = { ...FULL, reportedAmount: '' };
    expect(lookUp([untold], untold)).toStrictEqual({ kind: 'known' });
    const whole: Transfer = { ...FULL, payer: { bankCode: '822', account: '0004123456789012' } };
    expect(lookUp([whole], FULL)).toStrictEqual({ kind: 'known' });
  });

  it('is known by an amount that is none of an order', () => {
    const odd: Transfer = { reportedAmount: '12.34' };
    expect(lookUp([odd], odd)).toStrictEqual({ kind: 'known' });
  });

  it('is the first of those that fit as well as each other', () => {
    const bare: Transfer = { reportedAmount: '1280' };
    expect(lookUp([bare, bare], FULL)).toMatchObject({ kind: 'completed', index: 0 });
    expect(lookUp([FULL, bare], FULL)).toStrictEqual({ kind: 'known' });
  });

  it('is the one that fits best, where several could be meant', () => {
    const bare: Transfer = { reportedAmount: '1280' };
    expect(lookUp([bare, FULL], FULL)).toStrictEqual({ kind: 'known' });
    const other: Transfer = { ...FULL, transactedAt: new Date(AT.getTime() + 5000) };
    expect(lookUp([FULL, bare], other)).toMatchObject({ kind: 'completed', index: 1 });
  });
});

describe('another transfer', () => {
  it.each<[string, Transfer]>([
    ['of another bank', { ...FULL, payer: { bankCode: '013', account: '***********89012' } }],
    ['of another account', { ...FULL, payer: { bankCode: '822', account: '***********89013' } }],
    ['at another time', { ...FULL, transactedAt: new Date(AT.getTime() + 1000) }],
    ['of another amount', { ...FULL, reportedAmount: '128001' }],
    ['of an account whose masked digits begin with zeros', { ...FULL, payer: { account: '***********00012' } }],
    ['without an amount, at another time', { reportedAmount: '', transactedAt: new Date(AT.getTime() + 1000) }],
  ])('is new, %s', (_, reported) => {
    expect(lookUp([FULL], reported)).toStrictEqual({ kind: 'new' });
  });

  it('is new where neither tells what the other tells, or one amount can’t be read in either unit', () => {
    expect(lookUp([{ reportedAmount: '1280' }], { ...FULL, reportedAmount: '' })).toStrictEqual({ kind: 'new' });
    const [odd, whole] = [{ reportedAmount: '12.34' }, { reportedAmount: '1281' }];
    expect(lookUp([odd], whole)).toStrictEqual({ kind: 'new' });
    expect(lookUp([whole], odd)).toStrictEqual({ kind: 'new' });
  });

  it('is new where nothing is known', () => {
    expect(lookUp([], FULL)).toStrictEqual({ kind: 'new' });
  });
});

describe('transferOf', () => {
  it.each([undefined, '', '?', 'NT$1280'])('is none without an amount that can be read: %j', (reportedAmount) => {
    const outcome = { status: 'paid', code: '0000' } as const;
    expect(transferOf(reportedAmount === undefined ? outcome : { ...outcome, reportedAmount })).toBeUndefined();
  });
});
