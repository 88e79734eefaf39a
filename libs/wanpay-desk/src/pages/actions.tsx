import type { ComponentChildren, JSX } from 'preact';
import { useAddress, useWording } from './language.js';

interface OrderKey {
  readonly merchantNo: string;
  readonly orderNo: string;
}

/** A form that does something about one order, and leads back to where it was sent from. */
export function OrderForm(props: {
  readonly order: OrderKey;
  readonly action: 'accept' | 'note' | 'reviewed' | 'query' | 'replay';
  readonly back?: 'needs' | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const address = useAddress();
  const { merchantNo, orderNo } = props.order;
  return (
    <form class="row" method="post" action={address(`payment/${props.action}`)}>
      <input type="hidden" name="merchant" value={merchantNo} />
      <input type="hidden" name="order" value={orderNo} />
      {props.back && <input type="hidden" name="back" value={props.back} />}
      {props.children}
    </form>
  );
}

interface Labelled {
  readonly order: OrderKey;
  readonly back?: 'needs';
}

/** Marks an order as dealt with, as far as the person has seen its transfers, with a note that says how. */
export function ReviewForm({ order, back, seen }: Labelled & { readonly seen: number }): JSX.Element {
  const say = useWording();
  return (
    <OrderForm order={order} action="reviewed" back={back}>
      <input type="hidden" name="transfers" value={seen} />
      <label class="wide">
        {say('如何處理的（會留在紀錄中）', 'How it was dealt with (kept in the history)')}
        <input name="text" required maxLength={1000} />
      </label>
      <button>{say('標示為處理完畢', 'Mark as dealt with')}</button>
    </OrderForm>
  );
}

/** Accepts unclaimed money for an order. */
export function AcceptForm({ order, back }: Labelled): JSX.Element {
  const say = useWording();
  return (
    <OrderForm order={order} action="accept" back={back}>
      <label class="wide">
        {say('認領理由', 'Why this money is this order’s')}
        <input name="reason" required maxLength={256} />
      </label>
      <button class="main">{say('認領款項', 'Accept the money')}</button>
    </OrderForm>
  );
}

/** The address of an order's page. */
export function useOrderAddress(): (order: OrderKey) => string {
  const address = useAddress();
  return ({ merchantNo, orderNo }) => address('payment', { merchant: merchantNo, order: orderNo });
}

/** A link to an order's page. */
export function OrderLink({ order }: { readonly order: OrderKey }): JSX.Element {
  const orderAddress = useOrderAddress();
  return <a href={orderAddress(order)}>{order.orderNo}</a>;
}
