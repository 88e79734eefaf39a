import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanCode, cleanWords, MAX_WORDS } from './words.js';

describe('cleanWords', () => {
  it.each([
    ['下单成功', '下单成功'],
    ['', ''],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['one\r\ntwo\0three', 'one two three'],
    ['turned \u202egnorw', 'turned  gnorw'],
    ['sign=CF949AE048C0C3B23D5FADFE9495B319!', 'sign=…!'],
    ['half \ud83d', 'half '],
    ['no answer from postgres://wanpay:pa55word@db:5432/shop', 'no answer from postgres://…@db:5432/shop'],
    ['host=db password=pa55word user=wanpay', 'host=db password=… user=wanpay'],
    ['account 0004123456789012 of order 1234567890', 'account ***********89012 of order 1234567890'],
  ])('makes %j %j', (words, clean) => {
    expect(cleanWords(words)).toBe(clean);
  });

  it('keeps 200 characters, and shows where it cut', () => {
    const long = cleanWords('x'.repeat(60_000));
    expect(long).toBe(`${'x'.repeat(MAX_WORDS - 1)}…`);
    expect(cleanWords('y'.repeat(50), 10)).toBe(`${'y'.repeat(9)}…`);
  });

  it('keeps what is exactly as long as it may be, and cuts plain words too', () => {
    expect(cleanWords('y'.repeat(20), 20)).toBe('y'.repeat(20));
    expect(cleanWords('abcdefgh', 5)).toBe('abcd…');
  });

  it.each(['pass', 'passwd', 'password', 'PASSWORD', 'pwd', 'secret', 'token', 'key'])(
    'takes out what is named %s',
    (name) => {
      expect(cleanWords(`a ${name}=x1y2, b`)).toBe(`a ${name}=…, b`);
    },
  );

  it('takes out secrets of six characters or more, and leaves shorter ones, which stand in words by chance', () => {
    expect(cleanWords('abc123', MAX_WORDS, ['abc123'])).toBe('…');
    expect(cleanWords('is the key abc12 known?', MAX_WORDS, ['abc12', ' '])).toBe('is the key abc12 known?');
  });

  it('takes out what must not stay in it, also where a cut or control characters would leave a part', () => {
    const key = 'QGbZvggxNdGgMUnp';
    expect(cleanWords(`the key ${key} is wrong`, MAX_WORDS, [key])).toBe('the key … is wrong');
    const signature = 'CF949AE048C0C3B23D5FADFE9495B319';
    for (const secret of [key, signature]) {
      for (let before = 0; before <= 500; before += 1) {
        for (const filler of ['x', '\n', 'x\n']) {
          const words = filler.repeat(before) + secret + 'z'.repeat(500);
          expect(cleanWords(words, MAX_WORDS, [key])).not.toContain(secret.slice(0, 4));
        }
      }
    }
  });

  it('leaves nothing that a terminal obeys, and never grows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (words) => {
        const clean = cleanWords(words);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Surrogate}]/u);
        expect(clean).not.toMatch(/[0-9A-Fa-f]{32}/);
        expect(clean.length).toBeLessThanOrEqual(MAX_WORDS);
      }),
    );
  });
});

describe('cleanCode', () => {
  it.each([
    ['0000', '0000'],
    [' 0000\n', '0000'],
    ['0000\0', '0000…'],
    ['x'.repeat(32), 'x'.repeat(32)],
  ])('makes %j %j', (code, clean) => {
    expect(cleanCode(code)).toBe(clean);
  });

  it('marks what it cut, and keeps 32 characters', () => {
    expect(cleanCode('x'.repeat(33))).toMatch(/^x{30}….?$/);
    expect(cleanCode('x'.repeat(33)).length).toBeLessThanOrEqual(32);
  });
});
