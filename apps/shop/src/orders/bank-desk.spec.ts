import { describe, expect, it } from '@jest/globals';
import type { IssuedPayment } from 'nestjs-wanpay';
import { BankDesk } from './bank-desk.js';

const AT = new Date(0);
const PAYMENT: IssuedPayment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  state: 'pending',
  amount: 480,
  livemode: false,
  account: { number: '', bankCode: '', bankName: '', branchCode: '', branchName: '', holder: '', expiresAt: AT },
  createdAt: AT,
  updatedAt: AT,
};

const NO_DEMONSTRATION = { emulatorUrl: undefined };

describe('the emulator’s bank desk', () => {
  it('has a page for each payment', () => {
    const desk = new BankDesk({ baseUrl: 'http://127.0.0.1:4010/wxzfservice' }, NO_DEMONSTRATION);
    expect(desk.pageOf(PAYMENT)).toBe('http://127.0.0.1:4010/orders/21008024/A1');
    expect(desk.pageOf({ ...PAYMENT, livemode: true })).toBeUndefined();
  });

  it.each([{}, { baseUrl: 'https://api.wan-pay.com/wxzfservice' }])(
    'is nowhere on WanPay’s own platform, test merchant or not: %j',
    (config) => {
      expect(new BankDesk(config, NO_DEMONSTRATION).pageOf(PAYMENT)).toBeUndefined();
    },
  );
});
