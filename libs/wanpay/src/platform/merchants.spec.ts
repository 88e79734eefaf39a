import { describe, expect, it, jest } from '@jest/globals';
import { CheckedRegistry, type Merchant, type MerchantRegistry, requireMerchant, SingleMerchant } from './merchants.js';

const MERCHANT = { merchantNo: '1265', keys: ['n12bQ9Ew1_2342X4rEcO'] };

describe('requireMerchant', () => {
  it('finds the one merchant of a host that has one', async () => {
    expect(await requireMerchant(new SingleMerchant(MERCHANT), '1265')).toBe(MERCHANT);
  });

  it('waits for a registry that has to look it up', async () => {
    const registry: MerchantRegistry = { find: () => Promise.resolve(MERCHANT) };
    expect(await requireMerchant(registry, 'any')).toBe(MERCHANT);
  });

  it.each(['1266', '', ' 1265'])('refuses %j, which nobody has', async (merchantNo) => {
    await expect(requireMerchant(new SingleMerchant(MERCHANT), merchantNo)).rejects.toMatchObject({
      code: 'unknown_merchant',
      message: expect.stringContaining(`Merchant ${merchantNo} is not known here`),
    });
  });

  it('says that a number is needed where none is the default', async () => {
    await expect(requireMerchant(new SingleMerchant(MERCHANT), undefined)).rejects.toThrow('pass merchantNo');
  });
});

describe('a host’s registry', () => {
  const TIMEOUT_MS = 20;

  /** What comes of asking a registry of any make, by its types or not, for a merchant. */
  async function ask(find: (merchantNo: string) => unknown, merchantNo = '1265'): Promise<Merchant | undefined> {
    const registry: MerchantRegistry = { find: find as MerchantRegistry['find'] };
    return new CheckedRegistry(registry, TIMEOUT_MS).find(merchantNo);
  }

  it('answers at once where it can, and later where it must', async () => {
    expect(new CheckedRegistry({ find: () => MERCHANT }, TIMEOUT_MS).find('1265')).toBe(MERCHANT);
    expect(await ask(() => Promise.resolve(MERCHANT))).toBe(MERCHANT);
  });

  it.each([undefined, null])('may know nobody, and say so with %s', async (nobody) => {
    expect(await ask(() => nobody)).toBeUndefined();
    expect(await ask(() => Promise.resolve(nobody))).toBeUndefined();
  });

  it.each(['', '__proto__', 'constructor', 'toString', 'a b', '測試', 'a\0', '9'.repeat(31), '9'.repeat(12_000)])(
    'is not asked for %j',
    async (merchantNo) => {
      const find = jest.fn(() => MERCHANT);
      expect(await ask(find, merchantNo)).toBeUndefined();
      expect(find).not.toHaveBeenCalled();
    },
  );

  it.each(['1', 'MERCHANT-A', 'a.b_c', '9'.repeat(30)])('is asked for %s', async (merchantNo) => {
    expect(await ask(() => ({ ...MERCHANT, merchantNo }), merchantNo)).toMatchObject({ merchantNo });
  });

  it.each<[string, unknown]>([
    ['another merchant', { ...MERCHANT, merchantNo: '1266' }],
    ['no merchant', 'n12bQ9Ew1_2342X4rEcO'],
    ['a function', Object],
    ['no keys', { merchantNo: '1265', keys: [] }],
    ['a key in place of keys', { merchantNo: '1265', keys: 'n12bQ9Ew1_2342X4rEcO' }],
    ['a key that is not set', { merchantNo: '1265', keys: ['a', undefined] }],
    ['keys with a hole', { merchantNo: '1265', keys: Object.assign(Array(2), { 1: 'a' }) }],
    ['a key that is null', { merchantNo: '1265', keys: [null] }],
    ['an empty key', { merchantNo: '1265', keys: [''] }],
    ['a blank key', { merchantNo: '1265', keys: [' '] }],
    ['a key with a line end', { merchantNo: '1265', keys: ['a\n'] }],
    ['an endless key', { merchantNo: '1265', keys: ['a'.repeat(257)] }],
  ])('that answers %s fails, without a word of what it answered', async (_, answer) => {
    const failure = { code: 'merchant_registry_failed', message: expect.not.stringMatching(/n12bQ9|1266/) };
    await expect(ask(() => answer)).rejects.toMatchObject(failure);
    await expect(ask(() => Promise.resolve(answer))).rejects.toMatchObject(failure);
  });

  it('that throws, rejects or never answers fails, with what it said', async () => {
    const cause = new Error('database down');
    const failing = { code: 'merchant_registry_failed', message: expect.stringContaining('database down'), cause };
    await expect(
      ask(() => {
        throw cause;
      }),
    ).rejects.toMatchObject(failing);
    await expect(ask(() => Promise.reject(cause))).rejects.toMatchObject(failing);
    await expect(ask(() => new Promise(() => undefined))).rejects.toThrow('did not answer within 0.02 s');
  });
});
