import { describe, expect, it } from '@jest/globals';
import type { IssuedPayment } from 'nestjs-wanpay';
import type { Order, OrderStatus } from './order.js';
import { orderPage } from './order.page.js';

const ACCOUNT = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59Z'),
};

const PAYMENT: IssuedPayment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  state: 'pending',
  amount: 1280,
  livemode: false,
  account: ACCOUNT,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

const ORDER: Order = {
  orderNo: 'A1',
  item: { id: 'teapot', name: '茶壺', englishName: 'Teapot', price: 1280 },
  quantity: 1,
  recipient: '王小明',
  amount: 1280,
  status: { kind: 'pending' },
  payment: PAYMENT,
};

const PAID = { kind: 'paid', paidAt: new Date('2026-03-02T04:00:00Z'), late: false, test: false } as const;

describe('the page of an order', () => {
  const pageOf = (status: OrderStatus): string => orderPage({ ...ORDER, status }, 'http://desk.example/');

  it('says where to pay, and looks again by itself while it waits', () => {
    const page = pageOf({ kind: 'pending' });
    const shown = ['013', '國泰世華商業銀行', '4671 0722 8518 32', ACCOUNT.holder, 'NT$1,280', '2026-03-04 23:59:59'];
    for (const text of shown) expect(page).toContain(text);
    expect(page).toContain('<meta http-equiv="refresh"');
    expect(page).toContain('href="http://desk.example/"');
  });

  it('speaks of no emulator where there is none', () => {
    expect(orderPage(ORDER)).not.toContain('emulator');
  });

  it.each<[string, OrderStatus]>([
    ['尚未取得轉帳帳號', { kind: 'placed' }],
    ['已付款', PAID],
    ['金額與訂單不符', { kind: 'mismatched' }],
    ['付款失敗', { kind: 'failed' }],
    ['訂單已關閉', { kind: 'closed' }],
    ['已超過付款期限', { kind: 'expired' }],
  ])('says %s, and then shows no account to pay to', (text, status) => {
    const page = pageOf(status);
    expect(page).toContain(text);
    expect(page).not.toContain('4671');
    expect(page).not.toContain('http-equiv="refresh"');
  });

  it('says when the money came, that it was late, and that a test ships nothing', () => {
    expect(pageOf(PAID)).toContain('2026-03-02 12:00:00');
    expect(pageOf(PAID)).not.toMatch(/came late|nothing is shipped/);
    expect(pageOf({ ...PAID, late: true, test: true })).toMatch(/came late[^]*nothing is shipped/);
  });

  it('escapes what others wrote', () => {
    const holder = '<img src=x onerror="alert(1)">';
    const payment = { ...PAYMENT, account: { ...ACCOUNT, holder } };
    const page = orderPage({ ...ORDER, recipient: '</dd><script>', payment }, 'http://desk.example/"><b>');
    expect(page).not.toMatch(/<img|<script|<b>/);
    expect(page).toContain('&lt;/dd&gt;&lt;script&gt;');
  });
});
