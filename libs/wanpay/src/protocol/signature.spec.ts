import { describe, expect, it } from '@jest/globals';
import { sign } from './signature.js';

describe('sign', () => {
  it('gives the answer of the vendor’s own example', () => {
    const fields = {
      t0t1: 'T1',
      secondtimestamp: '1489215551',
      orgno: '1265',
      total_fee: '8888',
      nonce_str: '71669965',
      body: 'good',
    };
    expect(sign(fields, 'n12bQ9Ew1_2342X4rEcO')).toBe('CF949AE048C0C3B23D5FADFE9495B319');
  });
});
