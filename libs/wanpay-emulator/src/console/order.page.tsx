import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type JSX } from 'preact';
import { type JournalEntry } from '../journal/entry.js';
import { type OrderRef } from '../orders/order-ref.js';
import { isOpen, type Order } from '../orders/order.js';
import { formatAmount, formatInput } from './format.js';
import { Live, Moment, Page, render, type Surroundings } from './layout.js';
import { orderActionPath, orderPath } from './paths.js';
import { Timeline } from './timeline.js';

/** What a page tells of an order. */
export interface OrderStory {
  readonly ref: OrderRef;
  /** Absent when every request for it was refused. */
  readonly order: Order | undefined;
  readonly entries: readonly JournalEntry[];
  readonly nextAttempts: readonly Date[];
}

/** The page of one order: its details, the bank desk, and its timeline. */
export function orderPage({ ref, order, entries, nextAttempts }: OrderStory, surroundings: Surroundings): string {
  const events = `/api/events?${new URLSearchParams({ ...ref }).toString()}`;
  return render(
    <Page title={`Order ${ref.orderNo}`} events={events} {...surroundings}>
      {order ? (
        <>
          <Live id="order" path={surroundings.path} topics={['order', 'clock']}>
            <Details order={order} nextAttempts={nextAttempts} />
            <QuickActions order={order} />
          </Live>
          <Desk order={order} now={surroundings.clock.now()} />
        </>
      ) : (
        <p>The platform has refused every request for this order: there is no account.</p>
      )}
      <h2>Timeline</h2>
      <Live id="timeline" path={surroundings.path} topics={['order']}>
        <Timeline entries={entries} />
      </Live>
      <BackLinks order={order} />
    </Page>,
  );
}

function Details({ order, nextAttempts }: { order: Order; nextAttempts: readonly Date[] }): JSX.Element {
  const { account, transfer, earlierTransfers = [] } = order;
  return (
    <dl>
      <dt>State</dt>
      <dd>
        <span class={order.state} role="status">
          {order.state}
        </span>
      </dd>
      <dt>Merchant</dt>
      <dd>{order.merchantNo}</dd>
      <dt>Amount</dt>
      <dd>{formatAmount(order.amount)}</dd>
      <dt>Account</dt>
      <dd>
        {account.bankCode} {account.bankName} <code>{account.number}</code>
      </dd>
      <dt>Holder</dt>
      <dd>{account.holder}</dd>
      <dt>Deadline</dt>
      <dd>
        <Moment at={order.expiresAt} />
      </dd>
      <Detail name="Description" value={order.description} />
      <Detail name="Notified at" value={order.notificationUrl ?? 'nowhere: the order has no backurl'} />
      {[...earlierTransfers, ...(transfer ? [transfer] : [])].map(({ amount, payerBankCode, payerAccount, at }) => (
        <>
          <dt>Transfer</dt>
          <dd>
            {formatAmount(amount)} from {payerBankCode} <code>{payerAccount}</code>, <Moment at={at} />
          </dd>
        </>
      ))}
      {nextAttempts.map((at) => (
        <>
          <dt>Next attempt to notify</dt>
          <dd>
            <Moment at={at} />
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
  const amount = formatAmount(order.amount);
  return (
    <div class="row">
      {order.state === 'paid' ? null : (
        <form method="post" action={orderActionPath(order, 'pay')}>
          <button id="pay" class="main">
            Pay {amount}
          </button>
        </form>
      )}
      <form method="post" action={orderActionPath(order, 'pay')} class="row">
        {order.state === 'paid' ? (
          <button id="again" name="again" value="true">
            Pay {amount} once more
          </button>
        ) : (
          <>
            <button id="twice" name="twice" value="true">
              Pay twice
            </button>
            <button id="late" name="at" value="after-deadline">
              Pay after the deadline
            </button>
          </>
        )}
      </form>
      {isOpen(order) ? (
        <>
          <form method="post" action={orderActionPath(order, 'fail')}>
            <button id="fail">Let the transfer fail</button>
          </form>
          <form method="post" action={orderActionPath(order, 'close')} class="row">
            <button id="close">Close</button>
            <button id="close-notify" name="notify" value="true">
              Close and notify
            </button>
          </form>
        </>
      ) : null}
    </div>
  );
}

/** What a payer may do otherwise. It stays as it is while the rest of the page changes. */
function Desk({ order, now }: { order: Order; now: Date }): JSX.Element {
  return (
    <section class="panel" aria-label="Bank desk">
      <h2>Pay another amount, from elsewhere or later</h2>
      <form method="post" action={orderActionPath(order, 'pay')}>
        <div class="row">
          <label>
            Amount in NT$
            <br />
            <input name="amount" type="number" min="1" step="1" placeholder={String(order.amount)} />
          </label>
          <label>
            Bank, three digits
            <br />
            <input name="payerBankCode" inputMode="numeric" pattern="[0-9]{3}" placeholder="822" />
          </label>
          <label>
            Account, up to 16 digits
            <br />
            <input name="payerAccount" inputMode="numeric" pattern="[0-9]{1,16}" placeholder="0000123456789012" />
          </label>
          <label>
            Arrives at (Taipei)
            <br />
            <input name="at" type="datetime-local" step="1" min={formatInput(formatTaipei(now))} />
          </label>
        </div>
        <p>
          <label>
            <input name="again" type="checkbox" value="true" /> Even if it is paid already
          </label>
        </p>
        <button>Pay as filled in</button>
      </form>
      <p>
        <a href={`/faults?${new URLSearchParams({ merchantNo: order.merchantNo, orderNo: order.orderNo }).toString()}`}>
          Let something go wrong for this order
        </a>
      </p>
    </section>
  );
}

/** Back to the list, and to the shop, if it named a page of its own. */
function BackLinks({ order }: { order: Order | undefined }): JSX.Element {
  return (
    <p class="row">
      <a href="/">All orders</a>
      {order?.returnUrl ? <a href={order.returnUrl}>Back to the shop</a> : null}
      {order ? <a href={`/api${orderPath(order)}`}>As JSON</a> : null}
    </p>
  );
}
