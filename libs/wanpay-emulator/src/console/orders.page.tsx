import { type JSX } from 'preact';
import { type MerchantView } from '../merchants/merchant-view.js';
import { type Order, ORDER_STATES } from '../orders/order.js';
import { formatAmount } from './format.js';
import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { NewOrder } from './new-order.js';
import { type OrderFilter, queryOf } from './order-filter.js';
import { Paging, type PageOf } from './paging.js';
import { Live, Moment, Scroll, stateIn, StateLabel } from './parts.js';
import { orderPath } from './paths.js';
import { type Start, StartHere } from './start-here.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** What the first page tells. */
export interface OrderList {
  readonly orders: PageOf<Order>;
  /** How many there are, whatever is searched for. */
  readonly total: number;
  readonly filter: OrderFilter;
  readonly merchants: readonly MerchantView[];
  readonly start: Start;
}

/** The first page: every order, the newest first. */
export function ordersPage({ orders, total, filter, merchants, start }: OrderList, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('Orders', '訂單')} {...around}>
      <div class="row">
        <Search filter={filter} />
      </div>
      <NewOrder merchants={merchants} notificationUrl={start.notificationUrl} isOpen={total === 0} />
      <Live id="orders" topics={['order']}>
        {orders.items.length > 0 ? <OrderTable orders={orders.items} /> : null}
        {orders.items.length === 0 && total > 0 ? (
          <p>
            {say('No order matches.', '沒有符合的訂單。')} <a href="/">{say('All orders', '所有訂單')}</a>
          </p>
        ) : null}
        {total === 0 ? <StartHere start={start} /> : null}
        <Paging page={orders} path="/" query={queryOf(filter)} />
      </Live>
    </Page>,
  );
}

function Search({ filter }: { filter: OrderFilter }): JSX.Element {
  const { say } = useConsole();
  return (
    <form method="get" action="/" role="search" class="row">
      <label>
        <span>{say('Order number, account or amount', '訂單編號、帳號或金額')}</span>
        <input type="search" name="q" value={filter.search} />
      </label>
      <label>
        <span>{say('State', '狀態')}</span>
        <select name="state">
          <option value="">{say('any', '全部')}</option>
          {ORDER_STATES.map((state) => (
            <option key={state} value={state} selected={state === filter.state}>
              {stateIn(say, state)}
            </option>
          ))}
        </select>
      </label>
      <button>{say('Find', '搜尋')}</button>
    </form>
  );
}

function OrderTable({ orders }: { orders: readonly Order[] }): JSX.Element {
  const { say } = useConsole();
  return (
    <Scroll label={say('Orders', '訂單')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('Order', '訂單')}</th>
            <th scope="col">{say('State', '狀態')}</th>
            <th scope="col" class="amount">
              {say('Amount', '金額')}
            </th>
            <th scope="col" class="wide">
              {say('Account', '帳號')}
            </th>
            <th scope="col" class="wide">
              {say('Deadline (Taipei)', '繳費期限（台北）')}
            </th>
          </tr>
        </thead>
        <tbody data-list="orders">
          {orders.map((order) => (
            <tr key={orderPath(order)} id={orderPath(order)}>
              <td>
                <a href={orderPath(order)}>{order.orderNo}</a>
                <span class="narrow soft">{order.account.number}</span>
              </td>
              <td>
                <StateLabel state={order.state} />
              </td>
              <td class="amount">{formatAmount(order.amount)}</td>
              <td class="wide">
                <code>{order.account.number}</code>
              </td>
              <td class="wide">
                <Moment at={order.expiresAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
