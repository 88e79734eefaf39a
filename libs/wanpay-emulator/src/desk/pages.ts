import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type VirtualClock } from '../clock/virtual-clock.js';
import { type NotificationAttempt } from '../notifications/attempt-record.js';
import { isOpen, type Order, type OrderRef } from '../orders/order.js';
import { Html, html } from './html.js';

const NOTHING = new Html('');

/** Where people find an order. */
export function orderPath({ merchantNo, orderNo }: OrderRef): string {
  return `/orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`;
}

/** The first page: the clock and every order, the newest first. */
export function listPage(orders: readonly Order[], clock: VirtualClock): Html {
  const rows = orders.toReversed().map(
    (order) => html`
      <tr>
        <td><a href="${orderPath(order)}">${order.orderNo}</a></td>
        <td>NT$ ${order.amount}</td>
        <td><code>${order.account.number}</code></td>
        ${stateCell(order)}
        <td>${formatTaipei(order.expiresAt)}</td>
      </tr>
    `,
  );
  const table = html`
    <table>
      <tr>
        <th>Order</th>
        <th>Amount</th>
        <th>Account</th>
        <th>State</th>
        <th>Deadline</th>
      </tr>
      ${rows}
    </table>
  `;
  return page('Bank desk', html`${clockPanel(clock)} ${rows.length > 0 ? table : html`<p>No orders yet.</p>`}`);
}

/** The page of one order: its details, what can happen to it, and its notification attempts. */
export function orderPage(order: Order, attempts: readonly NotificationAttempt[]): Html {
  const details = html`
    <table>
      ${detail('Merchant', order.merchantNo)} ${detail('Amount', `NT$ ${order.amount}`)}
      <tr>
        <th>State</th>
        ${stateCell(order)}
      </tr>
      ${detail('Account', `${order.account.bankCode} ${order.account.bankName} ${order.account.number}`)}
      ${detail('Holder', order.account.holder)} ${detail('Deadline', formatTaipei(order.expiresAt))}
      ${detail('Description', order.description)} ${detail('Notified at', order.notificationUrl)}
      ${order.transfer ? detail('Transfer', transferOf(order.transfer)) : NOTHING}
    </table>
  `;
  return page(
    `Order ${order.orderNo}`,
    html`${details} ${forms(order, attempts.length > 0)} ${attemptTable(attempts)} ${backLinks(order)}`,
  );
}

/** What went wrong, for a person. */
export function errorPage(message: string): Html {
  return page(
    'That did not work',
    html`<p>${message}</p>
      <p><a href="/">All orders</a></p>`,
  );
}

function forms(order: Order, notified: boolean): Html {
  const path = orderPath(order);
  const resend = button(`${path}/resend`, 'Send the notification again');
  if (order.state === 'paid') return notified ? resend : NOTHING;
  return html`
    ${button(`${path}/pay`, `Pay NT$ ${order.amount}`)}
    <form method="post" action="${path}/pay">
      <label>NT$ <input name="amount" type="number" min="1" step="1" required /></label>
      <button>Pay another amount</button>
    </form>
    ${isOpen(order) ? html`${button(`${path}/fail`, 'Let it fail')} ${button(`${path}/close`, 'Close')}` : NOTHING}
    ${notified ? resend : NOTHING}
  `;
}

function clockPanel(clock: VirtualClock): Html {
  const toggle = clock.stopped ? clockButton('resume', 'true', 'Let it run') : clockButton('stop', 'true', 'Stop it');
  return html`
    <p>The clock shows ${formatTaipei(clock.now())} (Taipei) and ${clock.stopped ? 'stands still' : 'runs'}.</p>
    ${toggle} ${clockButton('advanceSeconds', '60', 'One minute on')}
    ${clockButton('advanceSeconds', '86400', 'One day on')}
  `;
}

function clockButton(name: string, value: string, label: string): Html {
  return html`<form method="post" action="/clock"><button name="${name}" value="${value}">${label}</button></form>`;
}

function attemptTable(attempts: readonly NotificationAttempt[]): Html {
  const rows = attempts.map(
    (attempt) => html`
      <tr>
        <td>${attempt.attempt}</td>
        <td>${formatTaipei(attempt.at)}</td>
        <td>${attempt.fields.status ?? ''} ${attempt.fields.result ?? ''}</td>
        <td>${attempt.replyStatus ?? ''} <code>${attempt.replyBody ?? ''}</code> ${attempt.error ?? ''}</td>
        <td>${attempt.acknowledged ? 'acknowledged' : 'not acknowledged'}</td>
        <td>${attempt.nextAttemptAt ? formatTaipei(attempt.nextAttemptAt) : ''}</td>
      </tr>
    `,
  );
  if (rows.length === 0) return html`<p>No notification was sent.</p>`;
  return html`
    <h2>Notifications</h2>
    <table>
      <tr>
        <th>Attempt</th>
        <th>Sent</th>
        <th>Result</th>
        <th>Reply</th>
        <th></th>
        <th>Next attempt</th>
      </tr>
      ${rows}
    </table>
  `;
}

/** Back to the list, and to the shop, if it named a page of its own. */
function backLinks({ returnUrl }: Order): Html {
  const shop = returnUrl ? html`<a href="${returnUrl}">Back to the shop</a>` : NOTHING;
  return html`<p><a href="/">All orders</a> ${shop}</p>`;
}

function transferOf(transfer: NonNullable<Order['transfer']>): string {
  const { amount, payerBankCode, payerAccount, at } = transfer;
  return `NT$ ${amount} from ${payerBankCode} ${payerAccount} at ${formatTaipei(at)}`;
}

function detail(name: string, value: string | undefined): Html {
  return value
    ? html`<tr>
        <th>${name}</th>
        <td>${value}</td>
      </tr>`
    : NOTHING;
}

function stateCell({ state }: Order): Html {
  return html`<td class="${state}">${state}</td>`;
}

function button(action: string, label: string): Html {
  return html`<form method="post" action="${action}"><button>${label}</button></form>`;
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} · WanPay emulator</title>
        <link rel="stylesheet" href="/desk.css" />
      </head>
      <body>
        <h1>${title}</h1>
        ${content}
      </body>
    </html>`;
}
