import type { Item } from '../catalogue/catalogue.js';
import { bilingual } from '../pages/bilingual.js';
import { formatMoney } from '../pages/format.js';
import { html } from '../pages/html.js';
import { page } from '../pages/layout.js';
import { MAX_QUANTITY, MAX_RECIPIENT_LENGTH } from './checkout.form.js';

/** The form with which an item is ordered. */
export function checkoutPage(item: Item, orderNo: string): string {
  return page({
    title: '結帳',
    englishTitle: 'Checkout',
    content: html`
      <p>${bilingual(item.name, item.englishName)} <strong>${formatMoney(item.price)}</strong></p>
      <form method="post" action="/checkout/${item.id}">
        <input type="hidden" name="orderNo" value="${orderNo}" />
        <label>
          ${bilingual('數量', 'Quantity')}
          <input name="quantity" type="number" min="1" max="${MAX_QUANTITY}" step="1" value="1" required />
        </label>
        <label>
          ${bilingual('收件人', 'Recipient')}
          <input name="recipient" maxlength="${MAX_RECIPIENT_LENGTH}" autocomplete="name" required />
        </label>
        <button>${bilingual('以 ATM 轉帳付款', 'Pay by ATM transfer')}</button>
      </form>
    `,
  });
}
