import type { JSX } from 'preact';
import { type NewOrder, orderAgainUrl } from '../orders/order.js';
import { useWording } from '../payment-page/language.js';

/** Sends the very order again, under its own number: whatever the first attempt came to, there is one order. */
export function TryAgain({ order }: { readonly order: NewOrder }): JSX.Element {
  const say = useWording();
  const { orderNo, item, quantity, recipient } = order;
  return (
    <form method="post" action={`/checkout/${item.id}`}>
      <input type="hidden" name="orderNo" value={orderNo} />
      <input type="hidden" name="quantity" value={quantity} />
      <input type="hidden" name="recipient" value={recipient} />
      <p>
        <button>{say('重試這筆訂單', 'Try this order again')}</button>
      </p>
    </form>
  );
}

/** Leads to a new order for the same. */
export function OrderAgain({ order }: { readonly order: Pick<NewOrder, 'item' | 'quantity'> }): JSX.Element {
  const say = useWording();
  return (
    <p>
      <a class="button" href={orderAgainUrl(order.item, order.quantity)}>
        {say('重新下單', 'Order again')}
      </a>
    </p>
  );
}
