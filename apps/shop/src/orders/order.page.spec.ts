import { describe, expect, it } from '@jest/globals';
import type { IssuedPayment } from 'nestjs-wanpay';
import type { PaymentStatus } from '../payment-page/payment-status.js';
import type { Order } from './order.js';
import { type Emulator, orderPage } from './order.page.js';

const ACCOUNT = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: new Date('2026-03-04T15:59:59Z'),
};
const NOW = new Date('2026-03-02T04:00:00Z');
const TOO_LATE = new Date('2026-03-04T16:00:00Z');

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
  item: {
    id: 'teapot',
    name: '茶壺',
    englishName: 'Teapot',
    description: '',
    englishDescription: '',
    picture: 'teapot.svg',
    price: 1280,
  },
  quantity: 1,
  recipient: '王小明',
  amount: 1280,
  status: { kind: 'pending' },
  payment: PAYMENT,
};

const PAID = { kind: 'paid', paidAt: NOW, late: false, test: false } as const;
const DESK = { deskUrl: 'http://desk.example/', hasForgotten: false };

describe('the page of an order', () => {
  const show = (order: Order, now = NOW, emulator?: Emulator): string =>
    orderPage({ order, now, emulator }, 'zh-Hant-TW');
  const pageOf = (status: PaymentStatus): string => show({ ...ORDER, status });

  it('says where to pay and until when, and listens for news while it waits', () => {
    const page = show(ORDER, NOW, DESK);
    const shown = ['013', '國泰世華商業銀行', '4671 0722 8518 32', ACCOUNT.holder, 'NT$1,280', '2026-03-04 23:59:59'];
    for (const text of shown) expect(page).toContain(text);
    expect(page).toContain('data-copy="46710722851832"');
    expect(page).toContain('sse-connect="/orders/A1/live?seen=pending&amp;lang=zh"');
    expect(page).toContain(`href="${DESK.deskUrl}"`);
  });

  it('speaks English when asked, and marks what stays Chinese', () => {
    const page = orderPage({ order: ORDER, now: NOW, emulator: DESK }, 'en');
    expect(page).toContain('<html lang="en">');
    for (const text of ['Waiting for your transfer', 'Deadline', 'At an ATM', 'Teapot × 1'])
      expect(page).toContain(text);
    expect(page).toContain('<span lang="zh-Hant-TW">國泰世華商業銀行 大昌分行</span>');
  });

  it('says that an emulator with a fresh session has forgotten it', () => {
    const page = show(ORDER, NOW, { ...DESK, hasForgotten: true });
    expect(page).toMatch(/不再認得這筆訂單[^]*href="\/checkout\/teapot\?quantity=1"/);
    expect(page).not.toContain(DESK.deskUrl);
  });

  it('speaks of no emulator where there is none', () => {
    expect(show(ORDER)).not.toContain('模擬器');
  });

  it.each<[string, PaymentStatus]>([
    ['尚未取得轉帳帳號', { kind: 'placed' }],
    ['已付款', PAID],
    ['金額與訂單不符', { kind: 'mismatched' }],
    ['付款失敗', { kind: 'failed' }],
    ['訂單已關閉', { kind: 'closed' }],
    ['已超過繳費期限', { kind: 'expired' }],
  ])('says %s, and then shows no account to pay to', (text, status) => {
    const page = pageOf(status);
    expect(page).toContain(text);
    expect(page).not.toContain('4671');
  });

  it('shows no account either once the deadline has passed, whatever the platform will say', () => {
    expect(show(ORDER, TOO_LATE)).toContain('期限已過');
    expect(show(ORDER, TOO_LATE)).not.toContain('4671');
    expect(show(ORDER, ACCOUNT.expiresAt)).toContain('4671');
  });

  it('answers what a payer asks: limits, fee, whether the page has to stay open, how to keep it, and whom to ask', () => {
    const page = show(ORDER);
    for (const text of [
      '轉帳上限由您的銀行決定',
      '跨行轉帳可能另收手續費',
      '您可以關閉這個頁面',
      'data-print',
      'mailto:service@shop.example?subject=',
    ])
      expect(page).toContain(text);
    expect(page).not.toContain('可能超過 ATM');
    expect(show({ ...ORDER, amount: 30_001 })).toContain('可能超過 ATM');
  });

  it('says which amount came instead, and what came besides', () => {
    expect(show({ ...ORDER, status: { kind: 'mismatched' }, received: [12_801] })).toContain(
      '收到 NT$12,801，訂單金額為 NT$1,280',
    );
    expect(show({ ...ORDER, status: PAID, received: [1280, 11] })).toContain('另外收到 NT$1,280、NT$11');
    expect(pageOf(PAID)).not.toContain('另外收到');
  });

  it.each(['failed', 'closed', 'expired'] as const)('lets a customer order again once it is %s', (kind) => {
    expect(pageOf({ kind })).toContain('href="/checkout/teapot?quantity=1"');
    expect(show(ORDER)).not.toContain('?quantity=');
  });

  it('tries an order that has no account again under its own number', () => {
    expect(pageOf({ kind: 'placed' })).toMatch(/action="\/checkout\/teapot"[^]*name="orderNo" value="A1"/);
  });

  it('listens for news of every order: money may come late, and a second time', () => {
    expect(pageOf({ kind: 'expired' })).toContain('live?seen=expired&amp;');
    expect(show({ ...ORDER, status: PAID, received: [11] })).toContain('live?seen=paid-1&amp;');
  });

  it('says when the money came, that it was late, and that a test ships nothing', () => {
    expect(pageOf(PAID)).toContain('2026-03-02 12:00:00');
    expect(pageOf(PAID)).not.toMatch(/期限後入帳|測試付款/);
    expect(pageOf({ ...PAID, late: true, test: true })).toMatch(/期限後入帳[^]*測試付款/);
  });

  it('escapes what others wrote', () => {
    const holder = '<img src=x onerror="alert(1)">';
    const payment = { ...PAYMENT, account: { ...ACCOUNT, holder, number: '"><b>' } };
    const page = show({ ...ORDER, recipient: '</dd><script>', payment }, NOW, {
      ...DESK,
      deskUrl: 'http://desk.example/"><b>',
    });
    expect(page).not.toMatch(/<img src=x|<script>|<b>/);
    expect(page).toContain('&lt;/dd>&lt;script>');
  });
});
