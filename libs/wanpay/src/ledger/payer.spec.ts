import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../protocol/index.js';
import { maskAccount, redactOutcome } from './payer.js';

const account = fc.stringMatching(/^\d{0,20}$/);

describe('maskAccount', () => {
  it.each([
    ['0004123456789012', '***********89012'],
    ['123456', '*23456'],
    ['12345', '*****'],
    ['1', '*'],
    ['', ''],
  ])('makes %j into %j', (text, masked) => {
    expect(maskAccount(text)).toBe(masked);
  });

  it('never shows more than the last five digits, and never all of them', () => {
    fc.assert(
      fc.property(account, (text) => {
        const masked = maskAccount(text);
        const shown = masked.replaceAll('*', '');
        expect(masked).toHaveLength(text.length);
        expect(masked).toMatch(/^\**\d{0,5}$/);
        expect(text.endsWith(shown)).toBe(true);
        expect(shown).toHaveLength(text.length > 5 ? 5 : 0);
      }),
    );
  });

  it('masks what is masked already to the same', () => {
    fc.assert(
      fc.property(account, (text) => {
        expect(maskAccount(maskAccount(text))).toBe(maskAccount(text));
      }),
    );
  });
});

describe('redactOutcome', () => {
  const outcome: Outcome = {
    status: 'paid',
    code: '0000',
    reportedAmount: '1280',
    payer: Object.freeze({ bankCode: '822', account: '0004123456789012' }),
    transactedAt: new Date('2022-07-22T03:00:00Z'),
  };

  it('masks the payer’s account and leaves everything else', () => {
    expect(redactOutcome(Object.freeze({ ...outcome }), 'masked')).toStrictEqual({
      ...outcome,
      payer: { bankCode: '822', account: '***********89012' },
    });
  });

  it('keeps all of the account when the host asked for it', () => {
    expect(redactOutcome(outcome, 'full')).toBe(outcome);
  });

  it.each([
    ['no payer', { status: 'paid', code: '0000' }],
    ['a payer of whom only the bank is known', { status: 'paid', code: '0000', payer: { bankCode: '822' } }],
  ] satisfies [string, Outcome][])('leaves an outcome with %s as it is', (_, told) => {
    expect(redactOutcome(told, 'masked')).toStrictEqual(told);
  });

  it('leaves no trace of the hidden digits anywhere', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{6,16}$/), (text) => {
        const redacted = redactOutcome({ status: 'paid', code: '0000', payer: { account: text } }, 'masked');
        expect(JSON.stringify(redacted)).not.toContain(text);
        expect(redacted.payer?.account?.replaceAll('*', '')).toBe(text.slice(-5));
      }),
    );
  });
});
