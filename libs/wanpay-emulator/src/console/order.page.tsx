import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type JSX } from 'preact';
import { type JournalEntry } from '../journal/entry.js';
import { type OrderRef } from '../orders/order-ref.js';
import { isOpen, type Order } from '../orders/order.js';
import { formatAmount, formatInput } from './format.js';
import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { OrderTrack, type Track } from './order-track.js';
import { Check, Form, Live, Moment, StateLabel, TextField } from './parts.js';
import { orderActionPath, orderPath } from './paths.js';
import { type Surroundings, useConsole } from './surroundings.js';
import { Timeline } from './timeline.js';

/** What a page tells of an order. */
export interface OrderStory {
  readonly ref: OrderRef;
  /** Absent when every request for it was refused. */
  readonly order: Order | undefined;
  readonly entries: readonly JournalEntry[];
  readonly track: Track;
}

/** The page of one order: its details, the bank desk, its course as a picture, and all that happened. */
export function orderPage({ ref, order, entries, track }: OrderStory, around: Surroundings): string {
  const say = sayIn(around.language);
  const events = `/api/events?${new URLSearchParams({ ...ref }).toString()}`;
  return render(
    <Page title={`${say('Order', '訂單')} ${ref.orderNo}`} events={events} {...around}>
      {order ? (
        <>
          <Live id="order" topics={['order', 'clock']}>
            <p class="row">
              <StateLabel state={order.state} role="status" /> <strong class="big">{formatAmount(order.amount)}</strong>
            </p>
            <OrderTrack track={track} />
            <QuickActions order={order} />
            <Details order={order} />
          </Live>
          <Desk order={order} now={around.clock.now()} />
        </>
      ) : (
        <p>
          {say(
            'The platform has refused every request for this order: there is no account.',
            '平台拒絕了這筆訂單的所有請求：沒有帳號。',
          )}
        </p>
      )}
      <h2>{say('Timeline', '時間軸')}</h2>
      <Live id="timeline" topics={['order']}>
        <Timeline entries={entries} />
      </Live>
      <BackLinks order={order} />
    </Page>,
  );
}

function Details({ order }: { order: Order }): JSX.Element {
  const { say } = useConsole();
  const { account, transfer, earlierTransfers = [] } = order;
  return (
    <dl>
      <dt>{say('Merchant', '商戶')}</dt>
      <dd>{order.merchantNo}</dd>
      <dt>{say('Account', '帳號')}</dt>
      <dd>
        {account.bankCode} {account.bankName} <code>{account.number}</code>
      </dd>
      <dt>{say('Holder', '戶名')}</dt>
      <dd>{account.holder}</dd>
      <dt>{say('Deadline', '繳費期限')}</dt>
      <dd>
        <Moment at={order.expiresAt} />
      </dd>
      <Detail name={say('Description', '說明')} value={order.description} />
      <Detail
        name={say('Notified at', '通知網址')}
        value={order.notificationUrl ?? say('nowhere: the order has no backurl', '無：訂單沒有 backurl')}
      />
      {[...earlierTransfers, ...(transfer ? [transfer] : [])].map(({ amount, payerBankCode, payerAccount, at }) => (
        <>
          <dt>{say('Transfer', '轉帳')}</dt>
          <dd>
            {formatAmount(amount)} · {payerBankCode} <code>{payerAccount}</code> · <Moment at={at} />
          </dd>
        </>
      ))}
    </dl>
  );
}

function Detail({ name, value }: { name: string; value: string | undefined }): JSX.Element | null {
  if (!value) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** What takes one click. */
function QuickActions({ order }: { order: Order }): JSX.Element {
  const { say } = useConsole();
  const amount = formatAmount(order.amount);
  return (
    <div class="buttons">
      <form method="post" action={orderActionPath(order, 'pay')} class="buttons">
        {order.state === 'paid' ? (
          <button id="again" name="again" value="true">
            {say(`Pay ${amount} once more`, `再付一次 ${amount}`)}
          </button>
        ) : (
          <>
            <button id="pay" class="main">
              {say(`Pay ${amount}`, `付款 ${amount}`)}
            </button>
            <button id="wrong-amount" name="amount" value={order.amount + 1}>
              {say('Pay NT$1 too much', '多付 NT$1')}
            </button>
            <button id="twice" name="twice" value="true">
              {say('Pay twice', '付款兩次')}
            </button>
            <button id="late" name="at" value="after-deadline">
              {say('Pay after the deadline', '逾期後付款')}
            </button>
          </>
        )}
      </form>
      {isOpen(order) ? (
        <>
          <form method="post" action={orderActionPath(order, 'fail')}>
            <button id="fail">{say('Let the transfer fail', '讓轉帳失敗')}</button>
          </form>
          <form method="post" action={orderActionPath(order, 'close')} class="buttons">
            <button id="close">{say('Close', '關閉')}</button>
            <button id="close-notify" name="notify" value="true">
              {say('Close and notify', '關閉並通知')}
            </button>
          </form>
        </>
      ) : null}
    </div>
  );
}

/** What a payer may do otherwise. It stays as it is while the rest of the page changes. */
function Desk({ order, now }: { order: Order; now: Date }): JSX.Element {
  const { say, problem } = useConsole();
  const action = orderActionPath(order, 'pay');
  const isWrong = problem?.action === action;
  return (
    <details class="panel" open={isWrong} {...(isWrong ? { 'data-open': 'true' } : {})}>
      <summary>{say('Pay another amount, from elsewhere or later', '付其他金額、從其他帳號付款，或稍後付款')}</summary>
      <Form action={action}>
        <div class="row">
          <TextField
            label={say('Amount in NT$', '金額（NT$）')}
            name="amount"
            type="number"
            min="1"
            step="1"
            placeholder={String(order.amount)}
          />
          <TextField
            label={say('Bank, three digits', '銀行代碼，三碼')}
            name="payerBankCode"
            inputMode="numeric"
            pattern="[0-9]{3}"
            placeholder="822"
          />
          <TextField
            label={say('Account, up to 16 digits', '帳號，最多 16 碼')}
            name="payerAccount"
            inputMode="numeric"
            pattern="[0-9]{1,16}"
            placeholder="0000123456789012"
          />
          <TextField
            label={say('Arrives at (Taipei)', '入帳時間（台北）')}
            name="at"
            type="datetime-local"
            step="1"
            min={formatInput(formatTaipei(now))}
          />
        </div>
        <Check label={say('Even if it is paid already', '即使已付款')} name="again" />
        <div class="buttons">
          <button>{say('Pay as filled in', '依填寫內容付款')}</button>
          <a
            href={`/faults?${new URLSearchParams({ merchantNo: order.merchantNo, orderNo: order.orderNo }).toString()}`}
          >
            {say('Let something go wrong for this order', '為這筆訂單啟用故障')}
          </a>
        </div>
      </Form>
    </details>
  );
}

/** Back to the list, and to the shop, if it named a page of its own. */
function BackLinks({ order }: { order: Order | undefined }): JSX.Element {
  const { say } = useConsole();
  return (
    <p class="row">
      <a href="/">{say('All orders', '所有訂單')}</a>
      {order?.returnUrl ? <a href={order.returnUrl}>{say('Back to the shop', '回到商店')}</a> : null}
      {order ? <a href={`/api${orderPath(order)}`}>{say('As JSON', 'JSON')}</a> : null}
    </p>
  );
}
