import { describe, expect, it } from '@jest/globals';
import { type MerchantRegistry, requireMerchant, SingleMerchant } from './merchants.js';

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
