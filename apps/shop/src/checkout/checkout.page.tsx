import type { JSX } from 'preact';
import { assetUrl } from '../assets/assets.js';
import type { Item } from '../catalogue/catalogue.js';
import { page } from '../pages/layout.js';
import { formatMoney } from '../payment-page/format.js';
import { type Language, useWording } from '../payment-page/language.js';
import { MAX_QUANTITY, MAX_RECIPIENT_LENGTH } from './checkout.form.js';

interface Checkout {
  readonly item: Item;
  readonly orderNo: string;
  readonly quantity: number;
}

/** The form with which an item is ordered. */
export function checkoutPage(checkout: Checkout, language: Language): string {
  return page({ title: { chinese: '結帳', english: 'Checkout' }, language, content: <CheckoutPart {...checkout} /> });
}

function CheckoutPart({ item, orderNo, quantity }: Checkout): JSX.Element {
  const say = useWording();
  return (
    <>
      <div class="card chosen">
        <img src={assetUrl(item.picture)} alt="" width="96" height="96" />
        <div>
          <h2>{say(item.name, item.englishName)}</h2>
          <p>{say(item.description, item.englishDescription)}</p>
          <p class="price">{formatMoney(item.price)}</p>
        </div>
      </div>
      <form method="post" action={`/checkout/${item.id}`}>
        <input type="hidden" name="orderNo" value={orderNo} />
        <label>
          {say('數量', 'Quantity')}
          <input name="quantity" type="number" min="1" max={MAX_QUANTITY} step="1" value={quantity} required />
        </label>
        <label>
          {say('收件人', 'Recipient')}
          <input name="recipient" maxLength={MAX_RECIPIENT_LENGTH} autocomplete="name" required />
        </label>
        <p class="total needs-script">
          {say('總計 ', 'Total ')}
          <output name="total" data-price={item.price}>
            {formatMoney(item.price * quantity)}
          </output>
        </p>
        <noscript>
          <p>{say('下一頁會顯示總金額，再請您付款。', 'The next page shows the total before you pay.')}</p>
        </noscript>
        <button>{say('以 ATM 轉帳付款', 'Pay by ATM transfer')}</button>
      </form>
    </>
  );
}
