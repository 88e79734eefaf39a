import type { VirtualAccount } from 'nestjs-wanpay';
import { bilingual } from '../pages/bilingual.js';
import { formatAccount, formatMoney, formatTime } from '../pages/format.js';
import { type Html, html } from '../pages/html.js';
import { page } from '../pages/layout.js';
import type { Order, OrderStatus } from './order.js';

const REFRESH_SECONDS = 3;

/**
 * An order: what it is for, how it stands, and where to pay while it waits for money.
 *
 * @param deskUrl where to pay it in the emulator, if there is one
 */
export function orderPage(order: Order, deskUrl?: string): string {
  const { orderNo, item, quantity, recipient, amount, status, payment } = order;
  const isPending = status.kind === 'pending';
  return page({
    title: '訂單',
    englishTitle: `Order ${orderNo}`,
    ...(isPending ? { refreshSeconds: REFRESH_SECONDS } : {}),
    content: html`
      ${statusPanel(status)} ${isPending && payment ? transferPanel(payment.account, amount, deskUrl) : undefined}
      <dl>
        ${row('訂單編號', 'Order number', orderNo)} ${row('商品', 'Item', `${item.name} × ${quantity}`)}
        ${row('收件人', 'Recipient', recipient)} ${row('金額', 'Amount', formatMoney(amount))}
      </dl>
    `,
  });
}

function statusPanel(status: OrderStatus): Html {
  return html`<div class="status ${status.kind}" role="status">${statusText(status)}</div>`;
}

function statusText(status: OrderStatus): Html {
  switch (status.kind) {
    case 'placed':
      return html`<p>
        ${bilingual('尚未取得轉帳帳號，請重新下單', 'There is no account to pay to yet; please order again')}
      </p>`;
    case 'pending':
      return html`<p>${bilingual('等待轉帳', 'Waiting for your transfer')}</p>`;
    case 'paid':
      return paidText(status);
    case 'mismatched':
      return html`<p>
        ${bilingual(
          '收到的金額與訂單不符，請勿再次轉帳，我們會儘快處理',
          'We received another amount than was asked for. Please do not transfer again; we will look into it',
        )}
      </p>`;
    case 'failed':
      return html`<p>${bilingual('付款失敗，請重新下單', 'The payment failed; please order again')}</p>`;
    case 'closed':
      return html`<p>${bilingual('訂單已關閉，請勿轉帳', 'This order is closed; please do not transfer')}</p>`;
    case 'expired':
      return html`<p>${bilingual('已超過付款期限，請勿轉帳', 'The deadline has passed; please do not transfer')}</p>`;
  }
}

function paidText({ paidAt, late, test }: Extract<OrderStatus, { kind: 'paid' }>): Html {
  return html`
    <p>${bilingual('已付款，謝謝您', 'Paid, thank you')} <time>${formatTime(paidAt)}</time></p>
    ${late ? html`<p>${bilingual('款項於期限後入帳', 'The money came late; we took it all the same')}</p>` : undefined}
    ${test ? html`<p>${bilingual('測試付款，不會出貨', 'Test payment, nothing is shipped')}</p>` : undefined}
  `;
}

function transferPanel(account: VirtualAccount, amount: number, deskUrl: string | undefined): Html {
  return html`
    <h2>${bilingual('轉帳資料', 'Where to pay')}</h2>
    <dl class="transfer">
      ${row('銀行', 'Bank', `${account.bankCode} ${account.bankName} ${account.branchName}`)}
      ${row('帳號', 'Account', formatAccount(account.number))} ${row('戶名', 'Account holder', account.holder)}
      ${row('金額', 'Amount', formatMoney(amount))}
      ${row('付款期限', 'Deadline, Taipei time', formatTime(account.expiresAt))}
    </dl>
    ${deskUrl === undefined ? undefined : deskLink(deskUrl)}
  `;
}

function deskLink(deskUrl: string): Html {
  return html`<p><a class="button" href="${deskUrl}">${bilingual('到模擬器付款', 'Pay in the emulator')}</a></p>`;
}

function row(name: string, englishName: string, value: string): Html {
  return html`<div>
    <dt>${bilingual(name, englishName)}</dt>
    <dd>${value}</dd>
  </div>`;
}
