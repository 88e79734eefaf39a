import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createNonce, randomText, type RandomSource } from './nonce.js';

/** Hands out the given bytes one after the other. */
function sourceOf(bytes: readonly number[]): RandomSource {
  let at = 0;
  return (size) => Uint8Array.from(bytes.slice(at, (at += size)));
}

describe('createNonce', () => {
  it('is eight digits and upper-case letters', () => {
    for (let i = 0; i < 200; i += 1) expect(createNonce()).toMatch(/^[0-9A-Z]{8}$/);
  });

  it('is eight digits and upper-case letters for any random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expect(createNonce(() => bytes)).toMatch(/^[0-9A-Z]{8}$/);
      }),
    );
  });

  it('does not repeat itself', () => {
    const nonces = new Set(Array.from({ length: 2000 }, () => createNonce()));
    expect(nonces.size).toBe(2000);
  });

  it('takes its randomness, eight bytes, from the source that it is given', () => {
    const random = jest.fn(sourceOf([0, 1, 2, 3, 28, 29, 30, 31]));
    expect(createNonce(random)).toBe('0123WXYZ');
    expect(random.mock.calls).toEqual([[8]]);
  });

  it('leaves out the letters that people confuse with others', () => {
    const nonces = Array.from({ length: 32 }, (_, i) => createNonce(() => new Uint8Array(8).fill(i))).join('');
    expect(nonces).not.toMatch(/[ILOU]/);
  });

  it('gives every character of its alphabet as often as any other over all byte values', () => {
    const random = sourceOf(Array.from({ length: 256 }, (_, byte) => byte));
    const counts = new Map<string, number>();
    for (let i = 0; i < 32; i += 1) {
      for (const character of createNonce(random)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  it('lets every byte decide one character and no other', () => {
    const byte = fc.nat({ max: 31 });
    fc.assert(
      fc.property(fc.array(byte, { minLength: 8, maxLength: 8 }), fc.nat({ max: 7 }), byte, (bytes, at, other) => {
        fc.pre(bytes[at] !== other);
        const one = createNonce(sourceOf(bytes));
        const two = createNonce(sourceOf(bytes.with(at, other)));
        const differing = Array.from(one).flatMap((character, i) => (character === two[i] ? [] : [i]));
        expect(differing).toEqual([at]);
      }),
    );
  });
});

describe('randomText', () => {
  it('has the length that is asked for', () => {
    fc.assert(
      fc.property(fc.nat({ max: 64 }), (length) => {
        expect(randomText(length)).toMatch(new RegExp(`^[0-9A-Z]{${length}}$`));
      }),
    );
  });

  it('never hands out the same randomness twice, whatever lengths are asked for', () => {
    const texts = Array.from({ length: 200 }, (_, i) => randomText(10 + (i % 60)));
    const pieces = texts.flatMap((text) => Array.from({ length: text.length - 9 }, (_, i) => text.slice(i, i + 10)));
    expect(new Set(pieces).size).toBe(pieces.length);
  });

  it('may be longer than what is asked of the system at once', () => {
    expect(randomText(3000)).toMatch(/^[0-9A-Z]{3000}$/);
    expect(new Set(randomText(3000)).size).toBe(32);
  });
});
