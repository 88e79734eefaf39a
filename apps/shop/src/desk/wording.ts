import type { AtmEventType, PaymentState } from 'nestjs-wanpay';
import type { DeliveryState, OutcomeSource } from 'nestjs-wanpay/ledger';
import type { OutcomeStatus } from 'nestjs-wanpay/protocol';
import type { Wording } from '../payment-page/language.js';

/** The states of a payment, as the desk names them. */
export const STATES: Readonly<Record<PaymentState, Wording>> = {
  opening: { chinese: '開立中', english: 'Opening' },
  pending: { chinese: '待付款', english: 'Pending' },
  paid: { chinese: '已付款', english: 'Paid' },
  failed: { chinese: '失敗', english: 'Failed' },
  closed: { chinese: '已關閉', english: 'Closed' },
  expired: { chinese: '已逾期', english: 'Expired' },
};

/** What the platform says of an order. */
export const OUTCOMES: Readonly<Record<OutcomeStatus, Wording>> = {
  paid: { chinese: '已付款', english: 'paid' },
  unpaid: { chinese: '未付款', english: 'not paid' },
  paying: { chinese: '付款中', english: 'being paid' },
  closed: { chinese: '已關閉', english: 'closed' },
  failed: { chinese: '付款失敗', english: 'failed' },
  unknown: { chinese: '無法辨識', english: 'something unknown' },
};

/** How the platform came to say it. */
export const SOURCES: Readonly<Record<OutcomeSource, Wording>> = {
  notification: { chinese: '平台通知', english: 'Notification' },
  query: { chinese: '查詢結果', english: 'Query' },
  person: { chinese: '人工決定', english: 'Person' },
};

/** What an event means to a merchant. */
export const EVENTS: Readonly<Record<AtmEventType, Wording>> = {
  'atm.issued': { chinese: '帳號已開立', english: 'Account issued' },
  'atm.paid': { chinese: '款項入帳', english: 'Money arrived' },
  'atm.failed': { chinese: '付款失敗', english: 'Payment failed' },
  'atm.closed': { chinese: '訂單關閉', english: 'Order closed' },
  'atm.expired': { chinese: '付款逾期', english: 'Deadline passed' },
  'atm.amount_mismatch': { chinese: '金額不符', english: 'Amount differs' },
  'atm.duplicate_payment': { chinese: '重複付款', english: 'Paid again' },
  'atm.unclaimed_payment': { chinese: '款項待認領', english: 'Unclaimed money' },
  'atm.unknown_order': { chinese: '查無訂單', english: 'Unknown order' },
};

/** Where a delivery stands. */
export const DELIVERIES: Readonly<Record<DeliveryState, Wording>> = {
  pending: { chinese: '待處理', english: 'Pending' },
  running: { chinese: '處理中', english: 'Running' },
  delivered: { chinese: '已處理', english: 'Delivered' },
  dead: { chinese: '已放棄', english: 'Given up' },
};
