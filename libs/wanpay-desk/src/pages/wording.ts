import type { AtmEventType, PaymentState } from 'nestjs-wanpay';
import type { DeliveryState, OutcomeSource, PersonActionKind } from 'nestjs-wanpay/ledger';
import type { OutcomeStatus } from 'nestjs-wanpay/protocol';
import type { Reason } from '../ledger/needs.js';
import type { Wording } from './language.js';

/** The states of a payment. */
export const STATES: Readonly<Record<PaymentState, Wording>> = {
  opening: { chinese: '建立中', english: 'Opening' },
  pending: { chinese: '待付款', english: 'Waiting for money' },
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
  query: { chinese: '查詢', english: 'Query' },
  person: { chinese: '人工認領', english: 'Accepted by a person' },
};

/** What an event means to a merchant. */
export const EVENTS: Readonly<Record<AtmEventType, Wording>> = {
  'atm.issued': { chinese: '帳號已核發', english: 'Account issued' },
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
  pending: { chinese: '等待處理', english: 'Waiting' },
  running: { chinese: '處理中', english: 'Running' },
  delivered: { chinese: '已處理', english: 'Done' },
  dead: { chinese: '已放棄', english: 'Given up' },
};

/** What a person did. */
export const ACTIONS: Readonly<Record<PersonActionKind, Wording>> = {
  note: { chinese: '備註', english: 'Note' },
  reviewed: { chinese: '已處理完畢', english: 'Dealt with' },
  queried: { chinese: '人工查詢', english: 'Asked the platform' },
  replayed: { chinese: '重送', english: 'Replayed' },
};

interface Need {
  readonly title: Wording;
  readonly happened: Wording;
  readonly todo: Wording;
}

/** Why a payment needs a person, and what to do. */
export const NEEDS: Readonly<Record<Reason, Need>> = {
  mismatch: {
    title: { chinese: '金額不符', english: 'Another amount' },
    happened: {
      chinese: '有款項轉入這筆訂單的帳號，但金額和訂單不同，訂單仍未付款。',
      english: 'Money came to the account of this order, but not the amount asked. The order is still unpaid.',
    },
    todo: {
      chinese: '請聯絡客人補足差額或退款，再標示為處理完畢。',
      english: 'Ask the customer for the rest, or refund. Then mark it as dealt with.',
    },
  },
  duplicate: {
    title: { chinese: '重複付款', english: 'Paid more than once' },
    happened: {
      chinese: '訂單已付款，之後又有款項轉入。',
      english: 'The order is paid, and more money came for it.',
    },
    todo: {
      chinese: '請退還多付的款項，再標示為處理完畢。',
      english: 'Refund what is too much. Then mark it as dealt with.',
    },
  },
  unclaimed: {
    title: { chinese: '款項待認領', english: 'Unclaimed money' },
    happened: {
      chinese: '平台說有款項付給這個訂單編號，但本店沒有收到過它的虛擬帳號，無法確定是這筆訂單的款項。',
      english:
        'The platform reports money for this order number, but its account never reached us, so nobody can tell whether it is this order’s.',
    },
    todo: {
      chinese: '請向客人索取轉帳證明，確認後認領；若不是，請標示為處理完畢。',
      english: 'Ask the customer for a receipt, and accept the money. If it is not theirs, mark it as dealt with.',
    },
  },
  taken: {
    title: { chinese: '訂單編號已被使用', english: 'The order number was taken' },
    happened: {
      chinese: '平台上已有同編號的訂單，因此無法核發帳號。',
      english: 'The platform has an order of this number already, so no account was issued.',
    },
    todo: {
      chinese: '請以新的訂單編號重新下單，再標示為處理完畢。',
      english: 'Place the order again under a new number. Then mark it as dealt with.',
    },
  },
  lost: {
    title: { chinese: '帳號遺失', english: 'The account was lost' },
    happened: {
      chinese: '平台已收到訂單，但回覆的虛擬帳號沒有送達。',
      english: 'The platform has the order, but its reply with the account never arrived.',
    },
    todo: {
      chinese: '請以新的訂單編號重新下單，再標示為處理完畢。',
      english: 'Place the order again under a new number. Then mark it as dealt with.',
    },
  },
};

/** Why requests to the notification route were refused, and what to do. */
export const REFUSALS: Readonly<Record<string, readonly [reason: Wording, todo: Wording]>> = {
  bad_signature: [
    { chinese: '簽章不符', english: 'Wrong signature' },
    {
      chinese: '請確認金鑰和平台後台的一致；也可能是有人偽造通知。',
      english: 'Compare the key with the platform’s. Or somebody forges notifications.',
    },
  ],
  stale: [
    { chinese: '時間戳記過舊', english: 'Old timestamp' },
    { chinese: '請校正應用程式所在機器的時鐘。', english: 'Set the clock of the host.' },
  ],
  unknown_merchant: [
    { chinese: '未設定的商戶編號', english: 'Unknown merchant' },
    { chinese: '請確認商戶編號的設定。', english: 'Check the configured merchant number.' },
  ],
  source_not_allowed: [
    { chinese: '來源位址不在允許清單', english: 'Address not allowed' },
    { chinese: '請向平台確認其 IP 位址。', english: 'Ask the platform for its addresses.' },
  ],
  malformed: [
    { chinese: '無法讀取', english: 'Can’t be read' },
    { chinese: '請查看應用程式的記錄，並聯絡平台。', english: 'Look at the host’s log, and ask the platform.' },
  ],
  refused_by_host: [
    { chinese: '被應用程式的其他部分拒絕', english: 'Refused by the host' },
    { chinese: '請讓通知路徑不經過登入驗證與頻率限制。', english: 'Exempt the route from logins and throttling.' },
  ],
  failed: [
    { chinese: '處理時發生錯誤', english: 'Failed here' },
    { chinese: '請查看應用程式的記錄；平台會再通知。', english: 'Look at the host’s log. The platform repeats it.' },
  ],
};
/** The others. */
export const OTHER_REFUSAL: readonly [Wording, Wording] = [
  { chinese: '其他原因', english: 'Another reason' },
  { chinese: '請查看應用程式的記錄。', english: 'Look at the host’s log.' },
];
