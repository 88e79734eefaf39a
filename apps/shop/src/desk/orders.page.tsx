import type { Payment, PaymentState, WanPayService } from 'nestjs-wanpay';
import type { PaymentPage } from 'nestjs-wanpay/ledger';
import type { JSX } from 'preact';
import { formatMoney } from '../payment-page/format.js';
import { inLanguage, type Language, useLanguage, useWording } from '../payment-page/language.js';
import type { Outstanding } from './deliveries.js';
import { deskPage, Moment } from './desk.layout.js';
import { STATES } from './wording.js';

/** What was delivered since this process started, and what no handler has taken yet. */
type EventCounts = WanPayService['deliveryCounts'] & Outstanding;

interface OrdersPage extends PaymentPage {
  /** The only state that is listed. */
  readonly state: PaymentState | undefined;
  /** Where this page of the list begins. */
  readonly after: string | undefined;
  readonly counts: EventCounts;
}

/** Every payment, newest first, and what became of the events since the shop was started. */
export function ordersPage(orders: OrdersPage, language: Language): string {
  const { state, after, payments, next } = orders;
  return deskPage({
    title: { chinese: '店家後台', english: 'Merchant’s desk' },
    language,
    address: addressOf(state, after),
    children: (
      <>
        <Counts {...orders.counts} />
        <StateFilter chosen={state} />
        {payments.length === 0 ? <Nothing /> : <PaymentTable payments={payments} />}
        {next !== undefined && <NextPage href={addressOf(state, next)} />}
      </>
    ),
  });
}

function addressOf(state: PaymentState | undefined, after?: string): string {
  const query = new URLSearchParams({ ...(state ? { state } : {}), ...(after ? { after } : {}) });
  return query.size === 0 ? '/desk' : `/desk?${query}`;
}

function Counts({ delivered, retried, pending, dead }: EventCounts): JSX.Element {
  const say = useWording();
  return (
    <dl class="counts">
      <Count name={say('已處理事件', 'Events delivered')}>{delivered}</Count>
      <Count name={say('重試次數', 'Attempts repeated')}>{retried}</Count>
      <Count name={say('待處理事件', 'Events waiting')}>{pending}</Count>
      <Count name={say('未送達事件', 'Dead letters')}>{dead}</Count>
    </dl>
  );
}

function Count({ name, children }: { readonly name: string; readonly children: number }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function StateFilter({ chosen }: { readonly chosen: PaymentState | undefined }): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  return (
    <form class="filter" method="get" action="/desk">
      <label>
        {say('狀態', 'State')}
        <select name="state" id="state">
          <option value="">{say('全部', 'All')}</option>
          {Object.entries(STATES).map(([state, wording]) => (
            <option key={state} value={state} selected={state === chosen}>
              {inLanguage(language, wording)}
            </option>
          ))}
        </select>
      </label>
      <button>{say('篩選', 'Filter')}</button>
    </form>
  );
}

function Nothing(): JSX.Element {
  const say = useWording();
  return <p>{say('目前沒有訂單。', 'No orders here yet.')}</p>;
}

function PaymentTable({ payments }: { readonly payments: readonly Payment[] }): JSX.Element {
  const say = useWording();
  return (
    <table>
      <caption class="visually-hidden">{say('訂單', 'Orders')}</caption>
      <thead>
        <tr>
          <th scope="col">{say('訂單編號', 'Order number')}</th>
          <th scope="col">{say('金額', 'Amount')}</th>
          <th scope="col">{say('狀態', 'State')}</th>
          <th scope="col">{say('下單時間（台北）', 'Placed, Taipei time')}</th>
        </tr>
      </thead>
      <tbody>
        {payments.map((payment) => (
          <PaymentRow key={payment.orderNo} payment={payment} />
        ))}
      </tbody>
    </table>
  );
}

function PaymentRow({ payment }: { readonly payment: Payment }): JSX.Element {
  const { orderNo, amount, createdAt } = payment;
  return (
    <tr>
      <th scope="row">
        <a href={`/desk/orders/${encodeURIComponent(orderNo)}`}>{orderNo}</a>
      </th>
      <td>{formatMoney(amount)}</td>
      <td>
        <StateBadge payment={payment} />
      </td>
      <td>
        <Moment at={createdAt} />
      </td>
    </tr>
  );
}

/** A payment's state, and whether money came for it that did not pay it. */
export function StateBadge({ payment }: { readonly payment: Payment }): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  const { state, otherTransfers } = payment;
  return (
    <>
      <span class={`badge ${state}`}>{inLanguage(language, STATES[state])}</span>{' '}
      {otherTransfers && <span class="badge mismatched">{say('款項待處理', 'Money to look at')}</span>}
    </>
  );
}

function NextPage({ href }: { readonly href: string }): JSX.Element {
  const say = useWording();
  return (
    <p>
      <a href={href}>{say('更早的訂單', 'Older orders')}</a>
    </p>
  );
}
