import type { ReactElement } from 'react';
import type { ShownPayment } from '../shown-payment.js';
import { usePayment } from './use-payment.js';

const AMOUNT = new Intl.NumberFormat('zh-TW', { style: 'currency', currency: 'TWD', maximumFractionDigits: 0 });
const TIME = new Intl.DateTimeFormat('zh-TW', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Taipei' });
const STATUS: Readonly<Record<ShownPayment['state'], string>> = {
  opening: '正在取得虛擬帳號…',
  pending: '等待轉帳',
  paid: '已付款，謝謝您',
  failed: '付款失敗，請重新下單',
  closed: '訂單已關閉，請重新下單',
  expired: '已超過繳費期限',
};

export function PaymentPage({ orderNo }: { readonly orderNo: string }): ReactElement {
  const payment = usePayment(orderNo);
  if (!payment) return <p role="status">載入中…</p>;
  return (
    <>
      <h1>訂單 {payment.orderNo}</h1>
      <p role="status">{STATUS[payment.state]}</p>
      {payment.state === 'pending' && <Instructions payment={payment} />}
    </>
  );
}

function Instructions({ payment }: { readonly payment: ShownPayment }): ReactElement {
  return (
    <dl>
      <dt>金額</dt>
      <dd>{AMOUNT.format(payment.amount)}</dd>
      <dt>銀行代碼</dt>
      <dd>{payment.bankCode}</dd>
      <dt>虛擬帳號</dt>
      {/* In groups of four, as people read and type it. */}
      <dd>{payment.accountNumber?.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</dd>
      <dt>繳費期限</dt>
      <dd>{payment.expiresAt && TIME.format(new Date(payment.expiresAt))}</dd>
    </dl>
  );
}
