import type { Payment, PaymentKey, Report } from 'nestjs-wanpay/ledger';
import type { Outcome, VirtualAccount } from 'nestjs-wanpay/protocol';

/** The moment at which the ledgers' specs begin. */
export const START = new Date('2026-03-01T04:00:00.000Z');

export const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59.000Z'),
};

export const PAID: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280.00' };
export const FAILED: Outcome = { status: 'failed', code: '5805' };
export const MISMATCHED: Outcome = { ...PAID, reportedAmount: '7' };

export function key(orderNo: string): PaymentKey {
  return { merchantNo: '21008024', orderNo };
}

/** A payment that is being opened. */
export function opening(orderNo: string): Payment {
  return { ...key(orderNo), amount: 1280, livemode: false, state: 'opening', createdAt: START, updatedAt: START };
}

export function report(orderNo: string, outcome: Outcome = PAID): Report {
  return { ...key(orderNo), livemode: false, outcome, source: 'notification', now: later(1) };
}

export function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}
