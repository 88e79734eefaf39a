import type { Payment, PaymentState } from 'nestjs-wanpay';
import type { JSX } from 'preact';
import type { Exchange } from '../http/exchange.js';
import type { Found, Search, SearchField } from '../ledger/search.js';
import { OrderLink, useOrderAddress } from './actions.js';
import { formatMoney, Moment, Scroll, StateBadge } from './format.js';
import { useAddress, useText, useWording, type Wording } from './language.js';
import { renderPage } from './layout.js';
import { STATES } from './wording.js';

interface Results {
  readonly search: Search;
  readonly found: Found;
  readonly needs: number;
  readonly query: URLSearchParams;
}

/** Every payment, newest first, or those that a person looks for. */
export function paymentsPage(exchange: Exchange, results: Results): string {
  return renderPage({
    exchange,
    title: { chinese: '付款', english: 'Payments' },
    place: 'payments',
    needs: results.needs,
    children: (
      <>
        <SearchForm search={results.search} />
        <Listed {...results} />
      </>
    ),
  });
}

const FIELDS: readonly (readonly [SearchField, Wording, isDay: boolean, mode: 'text' | 'numeric'])[] = [
  ['order', { chinese: '訂單編號', english: 'Order number' }, false, 'text'],
  ['account', { chinese: '虛擬帳號', english: 'Virtual account' }, false, 'numeric'],
  ['payer', { chinese: '付款帳號末五碼', english: 'Payer’s last five digits' }, false, 'numeric'],
  ['amount', { chinese: '金額', english: 'Amount' }, false, 'numeric'],
  ['from', { chinese: '下單日起', english: 'Placed from' }, true, 'text'],
  ['to', { chinese: '下單日迄', english: 'Placed until' }, true, 'text'],
  ['merchant', { chinese: '商戶編號', english: 'Merchant' }, false, 'text'],
];

function SearchForm({ search: { values, states, problems } }: { readonly search: Search }): JSX.Element {
  const say = useWording();
  const text = useText();
  const address = useAddress();
  return (
    <form method="get" action={address('payments')} role="search">
      <div class="row">
        {FIELDS.map(([name, wording, isDay, mode]) => (
          <label key={name}>
            {text(wording)}
            {isDay ? (
              <input type="date" name={name} value={values[name] ?? ''} {...problemAttributes(name, problems)} />
            ) : (
              <input
                name={name}
                inputMode={mode}
                value={values[name] ?? ''}
                autocomplete="off"
                {...problemAttributes(name, problems)}
              />
            )}
            {problems[name] && (
              <span class="failure" id={`problem-${name}`}>
                {text(problems[name])}
              </span>
            )}
          </label>
        ))}
      </div>
      <div class="row">
        <StateChoice chosen={states} />
        <button class="main">{say('搜尋', 'Search')}</button>
        <a href={address('payments')}>{say('清除條件', 'Clear')}</a>
      </div>
    </form>
  );
}

function problemAttributes(
  name: SearchField,
  problems: Search['problems'],
): { readonly 'aria-invalid'?: true; readonly 'aria-describedby'?: string } {
  return problems[name] ? { 'aria-invalid': true, 'aria-describedby': `problem-${name}` } : {};
}

function StateChoice({ chosen }: { readonly chosen: readonly PaymentState[] }): JSX.Element {
  const say = useWording();
  const text = useText();
  return (
    <fieldset>
      <legend>{say('狀態', 'State')}</legend>
      {Object.entries(STATES).map(([state, wording]) => (
        <label key={state}>
          <input type="checkbox" name="state" value={state} checked={chosen.some((each) => each === state)} />
          {text(wording)}
        </label>
      ))}
    </fieldset>
  );
}

function Listed({ search, found, query }: Results): JSX.Element {
  const say = useWording();
  const address = useAddress();
  const orderAddress = useOrderAddress();
  const isFiltered = Object.keys(search.values).length > 0 || search.states.length > 0;
  const { order, merchant } = search.values;
  if (found.isSpokenOf && order !== undefined) {
    return (
      <p class="notice">
        {say('本店沒有這筆訂單，但平台通知過它：', 'We have no such order, but the platform spoke of it: ')}
        <a
          href={
            merchant === undefined
              ? address('payment', { order })
              : orderAddress({ merchantNo: merchant, orderNo: order })
          }
        >
          {order}
        </a>
      </p>
    );
  }
  if (found.payments.length === 0) {
    return (
      <p role="status">
        {isFiltered
          ? say('沒有符合條件的付款。', 'No payment matches.')
          : say('目前沒有付款。', 'There are no payments yet.')}
      </p>
    );
  }
  const rest = new URLSearchParams(query);
  for (const name of ['after', 'lang']) rest.delete(name);
  const older = new URLSearchParams(rest);
  if (found.next !== undefined) older.set('after', found.next);
  return (
    <>
      <Scroll label={say('付款列表', 'Payments')}>
        <PaymentTable payments={found.payments} />
      </Scroll>
      <p class="row">
        {found.next !== undefined && (
          <a href={`${address('payments')}?${older}`}>{say('更早的付款', 'Older payments')}</a>
        )}
        <a href={`${address('payments.csv')}${rest.size > 0 ? `?${rest}` : ''}`} download>
          {say('下載全部（CSV，Excel 可開啟）', 'Download all of them (CSV for Excel)')}
        </a>
      </p>
    </>
  );
}

function PaymentTable({ payments }: { readonly payments: readonly Payment[] }): JSX.Element {
  const say = useWording();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say('訂單編號', 'Order number')}</th>
          <th scope="col">{say('狀態', 'State')}</th>
          <th scope="col" class="number">
            {say('金額', 'Amount')}
          </th>
          <th scope="col" class="roomy">
            {say('下單時間', 'Placed')}
          </th>
          <th scope="col" class="roomy">
            {say('付款時間', 'Paid')}
          </th>
          <th scope="col" class="roomy">
            {say('付款帳號', 'Payer')}
          </th>
        </tr>
      </thead>
      <tbody>
        {payments.map((payment) => (
          <tr key={`${payment.merchantNo} ${payment.orderNo}`}>
            <th scope="row">
              <OrderLink order={payment} />
              <span class="narrow when">
                <Moment at={payment.createdAt} />
              </span>
            </th>
            <td>
              <StateBadge state={payment.state} />
            </td>
            <td class="number">{formatMoney(payment.amount)}</td>
            <td class="roomy">
              <Moment at={payment.createdAt} />
            </td>
            <td class="roomy">{payment.paidAt && <Moment at={payment.paidAt} />}</td>
            <td class="roomy">{payment.payer?.account}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
