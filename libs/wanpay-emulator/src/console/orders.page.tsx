import { type JSX } from 'preact';
import { type Order } from '../orders/order.js';
import { formatAmount } from './format.js';
import { Live, Moment, Page, render, Scroll, type Surroundings } from './layout.js';
import { Paging, type PageOf } from './paging.js';
import { orderPath } from './paths.js';

/** The first page: every order, the newest first. */
export function ordersPage(orders: PageOf<Order>, search: string, surroundings: Surroundings): string {
  return render(
    <Page title="Orders" {...surroundings}>
      <form method="get" action="/" role="search" class="row">
        <label>
          Order number <input type="search" name="q" value={search} />
        </label>
        <button>Find</button>
      </form>
      <Live id="orders" path={surroundings.path} topics={['order']}>
        {orders.items.length > 0 ? <OrderTable orders={orders.items} /> : <p>No orders yet.</p>}
        <Paging page={orders} path="/" query={search === '' ? {} : { q: search }} />
      </Live>
    </Page>,
  );
}

function OrderTable({ orders }: { orders: readonly Order[] }): JSX.Element {
  return (
    <Scroll label="Orders">
      <table>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Amount</th>
            <th scope="col">Account</th>
            <th scope="col">State</th>
            <th scope="col">Deadline (Taipei)</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={orderPath(order)}>
              <td>
                <a href={orderPath(order)}>{order.orderNo}</a>
              </td>
              <td class="number">{formatAmount(order.amount)}</td>
              <td class="number">
                <code>{order.account.number}</code>
              </td>
              <td class={order.state}>{order.state}</td>
              <td class="number">
                <Moment at={order.expiresAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
