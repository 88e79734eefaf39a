import { type Say } from '../console/language.js';
import { type MessageStyle } from '../notifications/message-style.js';
import { type Result } from '../notifications/notification.js';
import { type Transfer } from '../orders/order.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than any account is valid (3.1.1). */
const PAST_ANY_DEADLINE_MS = 31 * DAY_MS;
/** Older than a timestamp may be (1.2). */
const STALE_MS = 15 * MINUTE_MS;

/** One notification to be sent. */
export interface Shot {
  readonly result: Result;
  readonly style?: MessageStyle;
  /** What its timestamp says. */
  readonly signedAt: Date;
  /** Whether a host that does all as it should acknowledges it. */
  readonly isGenuine: boolean;
}

/** Whom a notification is about. */
export interface Subject {
  readonly merchantNo: string;
  readonly orderNo: string;
  readonly amount: number;
}

interface Scenario {
  /** In English and in Chinese. */
  readonly description: Parameters<Say>;
  readonly shots: (subject: Subject, now: Date) => readonly Shot[];
}

/** What may be sent, by name. */
export const SCENARIOS = {
  paid: {
    description: ['the amount, paid', '付了應付的金額'],
    shots: (subject, now) => [genuine(paid(subject, now), now)],
  },
  late: {
    description: ['paid, with a transfer after the account’s deadline', '已付款，但轉帳在繳費期限之後'],
    shots: (subject, now) => [genuine(paid(subject, new Date(now.getTime() + PAST_ANY_DEADLINE_MS)), now)],
  },
  mismatch: {
    description: ['paid, with one dollar more than the amount', '已付款，比應付金額多一元'],
    shots: (subject, now) => [genuine(paid({ ...subject, amount: subject.amount + 1 }, now), now)],
  },
  duplicate: {
    description: ['paid, and then a second transfer', '已付款，之後又有第二筆轉帳'],
    shots: (subject, now) => [
      genuine(paid(subject, now), now),
      genuine(paid(subject, new Date(now.getTime() + MINUTE_MS), { payerAccount: '0000999988887777' }), now),
    ],
  },
  repeated: {
    description: [
      'paid, and the same once more, as when the acknowledgement was lost',
      '已付款，同一通知再送一次，如同確認遺失時',
    ],
    shots: (subject, now) => [genuine(paid(subject, now), now), genuine(paid(subject, now), now)],
  },
  failed: {
    description: ['the payer’s transfer failed (5805)', '付款人的轉帳失敗（5805）'],
    shots: (subject, now) => [genuine({ ...paid(subject, now), state: 'failed' }, now)],
  },
  closed: {
    description: ['the platform closed the order (5803)', '平台關閉了訂單（5803）'],
    shots: (subject, now) => [genuine({ ...subject, state: 'closed' }, now)],
  },
  'unknown-order': {
    description: ['paid, of an order number that nobody has', '已付款，但沒有人有這個訂單編號'],
    shots: (subject, now) => [genuine(paid({ ...subject, orderNo: newOrderNo(now) }, now), now)],
  },
  forged: {
    description: ['paid, signed by another key: to be refused', '已付款，以其他金鑰簽章：應被拒絕'],
    shots: (subject, now) => [
      { result: paid(subject, now), signedAt: now, style: { isWronglySigned: true }, isGenuine: false },
    ],
  },
  stale: {
    description: [
      'paid, with a timestamp that is 15 minutes old: to be refused',
      '已付款，時間戳記是 15 分鐘前：應被拒絕',
    ],
    shots: (subject, now) => [
      { result: paid(subject, now), signedAt: new Date(now.getTime() - STALE_MS), isGenuine: false },
    ],
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** An order number that was never used: digits and capital letters (3.1.1). */
export function newOrderNo(now: Date): string {
  const chance = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `TRIGGER${now.getTime().toString(36)}${chance}`.toUpperCase().slice(0, 20);
}

function paid(subject: Subject, at: Date, transfer: Partial<Transfer> = {}): Result {
  const { amount } = subject;
  return {
    ...subject,
    state: 'paid',
    transfer: { amount, payerBankCode: '822', payerAccount: '0000123456789012', at, ...transfer },
  };
}

function genuine(result: Result, signedAt: Date): Shot {
  return { result, signedAt, isGenuine: true };
}
