import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { outcomeStatus, readPayer } from './outcome.js';

describe('outcomeStatus', () => {
  it.each([
    ['0000', 'paid'],
    ['5801', 'unpaid'],
    ['5803', 'closed'],
    ['5804', 'paying'],
    ['5805', 'failed'],
  ])('reads %s as %s', (code, status) => {
    expect(outcomeStatus(code)).toBe(status);
  });

  it('takes nothing but 0000 for paid', () => {
    const nearly = fc.constantFrom('0', '00', '000', '00000', ' 0000', '0000 ', '000O', '900', '', '００００');
    const other = fc.oneof(nearly, fc.string(), fc.stringMatching(/^\d{4}$/)).filter((code) => code !== '0000');
    fc.assert(
      fc.property(other, (code) => {
        expect(outcomeStatus(code)).not.toBe('paid');
      }),
      { numRuns: 300 },
    );
  });

  it.each(['', '5223', 'toString', 'constructor', '__proto__', 'hasOwnProperty'])('does not know %j', (code) => {
    expect(outcomeStatus(code)).toBe('unknown');
  });
});

describe('readPayer', () => {
  it('reads the bank and the account, leading zeros kept', () => {
    expect(readPayer('013', '0000123456789012')).toStrictEqual({ bankCode: '013', account: '0000123456789012' });
  });

  it('leaves out the half that is missing or empty', () => {
    expect(readPayer('013', undefined)).toStrictEqual({ bankCode: '013' });
    expect(readPayer('', '1')).toStrictEqual({ account: '1' });
  });

  it('is undefined when there is neither', () => {
    expect(readPayer(undefined, undefined)).toBeUndefined();
    expect(readPayer('', '')).toBeUndefined();
  });
});
