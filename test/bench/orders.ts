import type { Ledger, Payment, Report } from 'nestjs-wanpay/ledger';
import { type Fields, sign, signNotification, toTimestamp, type VirtualAccount } from 'nestjs-wanpay/protocol';

/** The test merchant that the vendor publishes. */
export const MERCHANT = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };
/** What every order is to be paid with: whole New Taiwan dollars. */
export const AMOUNT = 1280;

const HOUR_MS = 3_600_000;

/** So many order numbers that begin alike. */
export function orderNos(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}N${i}`);
}

/** Written out as the module does that reads it in a reply, so that all accounts are objects of one kind to the engine. */
function accountUntil(expiresAt: Date): VirtualAccount {
  return {
    number: '46710722851832',
    bankCode: '013',
    bankName: '國泰世華商業銀行',
    branchCode: '2022',
    branchName: '大昌分行',
    holder: '旺沛大數位股份有限公司',
    expiresAt,
  };
}

/** A payment whose account was issued a moment ago. */
export function pendingPayment(orderNo: string): Payment {
  const now = new Date();
  return {
    merchantNo: MERCHANT.merchantNo,
    orderNo,
    amount: AMOUNT,
    livemode: false,
    state: 'pending',
    account: accountUntil(new Date(now.getTime() + 72 * HOUR_MS)),
    createdAt: now,
    updatedAt: now,
  };
}

/** When such a payment is checked next. */
export function nextCheckAt({ createdAt }: Payment): Date {
  return new Date(createdAt.getTime() + HOUR_MS);
}

/** Opens such payments in a ledger, which then remembers the last of them. */
export async function openAll(ledger: Ledger, orders: readonly string[]): Promise<void> {
  const payments = orders.map(pendingPayment);
  await Promise.all(payments.map((payment) => ledger.open(payment, nextCheckAt(payment))));
}

/** What the ledger is told when such a payment is paid. */
export function paidReport(orderNo: string): Report {
  return {
    merchantNo: MERCHANT.merchantNo,
    orderNo,
    livemode: false,
    outcome: {
      status: 'paid',
      code: '0000',
      reportedAmount: String(AMOUNT * 100),
      payer: { bankCode: '013', account: '***********12345' },
    },
    source: 'notification',
    now: new Date(),
  };
}

/** A signed notification of 11 fields that an order is paid. */
export function paidNotification(orderNo: string): Fields {
  return signNotification(
    {
      orgno: MERCHANT.merchantNo,
      secondtimestamp: toTimestamp(new Date()),
      out_trade_no: orderNo,
      status: '0000',
      result: '支付成功',
      total_fee: String(AMOUNT * 100),
      orderdate: '2026-03-02 11:56:02',
      bankno: '013',
      acctno: '0000123456712345',
    },
    MERCHANT.key,
  );
}

/** One that is signed, and about an order number that no PostgreSQL can hold. */
export function poisonedNotification(orderNo: string): Fields {
  return paidNotification(`${orderNo}\0`);
}

/** A signed notification's fields, with a signature that is well formed and wrong. */
export function forgedNotification(orderNo: string): Fields {
  const { sign: _, ...fields } = paidNotification(orderNo);
  return { ...fields, sign: sign(fields, 'not the merchant’s key') };
}
