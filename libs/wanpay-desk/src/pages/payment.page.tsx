import type { Payment } from 'nestjs-wanpay';
import type { ActionEntry, EventDelivery, EventEntry, OutcomeEntry, TimelineEntry } from 'nestjs-wanpay/ledger';
import type { ComponentChildren, JSX } from 'preact';
import type { Exchange } from '../http/exchange.js';
import { reasonOf } from '../ledger/needs.js';
import { AcceptForm, OrderForm, ReviewForm } from './actions.js';
import { formatMoney, Live, Moment, Reported, StateBadge, TransferFacts } from './format.js';
import { useText, useWording } from './language.js';
import { renderPage } from './layout.js';
import { TimelinePicture } from './timeline-picture.js';
import { ACTIONS, DELIVERIES, EVENTS, NEEDS, OUTCOMES, SOURCES, STATES } from './wording.js';

interface OrderKey {
  readonly merchantNo: string;
  readonly orderNo: string;
}

interface ShownPayment {
  readonly order: OrderKey;
  /** Absent for an order that the platform spoke of and nobody here had opened. */
  readonly payment: Payment | undefined;
  readonly timeline: readonly TimelineEntry[];
  readonly needs: number;
  readonly isForReview: boolean;
  /** How many transfers paid nothing. */
  readonly transfers: number;
}

/** A payment with its history: what the platform said of it, the events that came of it, and how far their deliveries are. */
export function paymentPage(exchange: Exchange, shown: ShownPayment): string {
  const { order, payment, timeline, needs } = shown;
  return renderPage({
    exchange,
    title: { chinese: `訂單 ${order.orderNo}`, english: `Order ${order.orderNo}` },
    place: 'payments',
    needs,
    children: (
      <>
        <Live id="facts">{payment ? <Facts payment={payment} /> : <Unknown />}</Live>
        <WhatNeedsAPerson {...shown} />
        <Live id="history">
          <History payment={payment} timeline={timeline} order={order} />
        </Live>
        <Actions order={order} payment={payment} />
      </>
    ),
  });
}

function Unknown(): JSX.Element {
  const say = useWording();
  return (
    <p class="notice">
      {say('本店沒有這筆訂單；以下是平台說過的。', 'We have no such order. Below is what the platform said of it.')}
    </p>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Facts({ payment }: { readonly payment: Payment }): JSX.Element {
  const say = useWording();
  const { merchantNo, amount, account, payer, paidAt, paidAtEstimated, failure, acceptance, review, description } =
    payment;
  return (
    <>
      <p>
        <StateBadge state={payment.state} /> <strong>{formatMoney(amount)}</strong>
        {!payment.livemode && <span class="raw"> {say('測試，不是真錢', 'a test, no real money')}</span>}
      </p>
      <dl class="facts">
        <Fact name={say('商戶編號', 'Merchant')}>{merchantNo}</Fact>
        <Fact name={say('下單時間', 'Placed')}>
          <Moment at={payment.createdAt} />
        </Fact>
        {account && (
          <>
            <Fact name={say('虛擬帳號', 'Virtual account')}>
              {account.bankCode} {account.bankName} {account.number}
            </Fact>
            <Fact name={say('繳費期限', 'Deadline')}>
              <Moment at={account.expiresAt} />
            </Fact>
          </>
        )}
        {paidAt && (
          <Fact name={say('付款時間', 'Paid')}>
            <Moment at={paidAt} />
            {paidAtEstimated && <span class="raw"> {say('收到通知的時間', 'when we heard of it')}</span>}
          </Fact>
        )}
        {payer && (
          <Fact name={say('付款帳號', 'Payer')}>
            {[payer.bankCode, payer.account].filter((part) => part !== undefined).join('-')}
          </Fact>
        )}
        {failure && (
          <Fact name={say('失敗原因', 'Why it failed')}>
            {failure.message} <code>{failure.code}</code>
          </Fact>
        )}
        {acceptance && (
          <Fact name={say('人工認領', 'Accepted')}>
            {acceptance.reason} <By name={acceptance.by} />
          </Fact>
        )}
        {review && (
          <Fact name={say('處理完畢', 'Dealt with')}>
            <Moment at={review.reviewedAt} /> <By name={review.by} />
          </Fact>
        )}
        {description !== undefined && <Fact name={say('說明', 'Description')}>{description}</Fact>}
      </dl>
    </>
  );
}

function By({ name }: { readonly name: string | undefined }): JSX.Element | null {
  const say = useWording();
  return name === undefined ? null : <span class="raw">{say(`（${name}）`, `(${name})`)}</span>;
}

/** The money that paid nothing, and what can be done about it. */
function WhatNeedsAPerson({ payment, order, isForReview, transfers }: ShownPayment): JSX.Element | null {
  const say = useWording();
  const text = useText();
  const others = payment?.otherTransfers ?? [];
  if (!isForReview && others.length === 0) return null;
  const reason = payment && reasonOf(payment);
  return (
    <section class="card">
      <h2>{reason ? text(NEEDS[reason].title) : say('查無訂單的款項', 'Money for an unknown order')}</h2>
      {reason && <p>{text(NEEDS[reason].happened)}</p>}
      <ul>
        {others.map((transfer, i) => (
          <li key={i}>
            <TransferFacts transfer={transfer} {...(payment ? { asked: payment.amount } : {})} />
          </li>
        ))}
      </ul>
      {isForReview && reason && <p class="notice">{text(NEEDS[reason].todo)}</p>}
      {isForReview && reason === 'unclaimed' && <AcceptForm order={order} />}
      {isForReview && <ReviewForm order={order} seen={transfers} />}
    </section>
  );
}

function History(props: {
  readonly payment: Payment | undefined;
  readonly timeline: readonly TimelineEntry[];
  readonly order: OrderKey;
}): JSX.Element {
  const { payment, timeline, order } = props;
  const say = useWording();
  return (
    <section>
      <h2>{say('歷程', 'History')}</h2>
      <TimelinePicture payment={payment} timeline={timeline} />
      <ol class="timeline">
        {timeline.map((entry, i) => (
          <li key={i} class={entry.kind}>
            <p class="when">
              <Moment at={entry.at} />
            </p>
            {entry.kind === 'event' && <EventLine entry={entry} order={order} />}
            {entry.kind === 'outcome' && <OutcomeLine entry={entry} asked={payment?.amount} />}
            {entry.kind === 'action' && <ActionLine {...entry} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function ActionLine({ action, text, by }: ActionEntry): JSX.Element {
  const words = useText();
  return (
    <p>
      <strong>{words(ACTIONS[action])}</strong> <By name={by} /> {text}
    </p>
  );
}

function OutcomeLine({
  entry,
  asked,
}: {
  readonly entry: OutcomeEntry;
  readonly asked: number | undefined;
}): JSX.Element {
  const say = useWording();
  const text = useText();
  const { source, outcome, change, count, lastAt } = entry;
  const { status, code, reportedAmount, payer, transactedAt, by, message } = outcome;
  return (
    <>
      <p>
        <strong>{text(SOURCES[source])}</strong>
        {say('：', ': ')}
        {text(OUTCOMES[status])} <code>{code}</code> <By name={by} />
      </p>
      <ul class="facts">
        {source === 'person' && message !== undefined && <li>{message}</li>}
        {reportedAmount !== undefined && (
          <li>
            {say('金額 ', 'amount ')}
            <Reported reported={reportedAmount} asked={asked} />
          </li>
        )}
        {payer && (
          <li>
            {say('付款人 ', 'payer ')}
            {[payer.bankCode, payer.account].filter((part) => part !== undefined).join('-')}
          </li>
        )}
        {transactedAt && (
          <li>
            {say('交易時間 ', 'transacted ')}
            <Moment at={transactedAt} />
          </li>
        )}
        {change && (
          <li>
            {change.from === change.to
              ? say('狀態不變', 'changed no state')
              : `${text(STATES[change.from])} → ${text(STATES[change.to])}`}
          </li>
        )}
        {count > 1 && (
          <li>
            {say(`共 ${count} 次，最後於 `, `said ${count} times, last at `)}
            <Moment at={lastAt} />
          </li>
        )}
      </ul>
    </>
  );
}

function EventLine({ entry, order }: { readonly entry: EventEntry; readonly order: OrderKey }): JSX.Element {
  const say = useWording();
  const text = useText();
  const { type, deliveries } = entry;
  return (
    <>
      <p>
        <strong>{text(EVENTS[type])}</strong> <code>{type}</code>
      </p>
      <ul class="facts">
        {deliveries.length === 0 && <li>{say('沒有程式接收', 'no handler')}</li>}
        {deliveries.map((delivery) => (
          <DeliveryLine key={delivery.id} delivery={delivery} order={order} />
        ))}
      </ul>
    </>
  );
}

function DeliveryLine({
  delivery,
  order,
}: {
  readonly delivery: EventDelivery;
  readonly order: OrderKey;
}): JSX.Element {
  const say = useWording();
  const text = useText();
  const { id, handler, state, attempts, failure } = delivery;
  return (
    <li>
      <code>{handler}</code> <span class={`badge ${state}`}>{text(DELIVERIES[state])}</span>{' '}
      {say(`嘗試 ${attempts} 次`, attempts === 1 ? '1 attempt' : `${attempts} attempts`)}
      {failure !== undefined && <p class="failure">{failure}</p>}
      {(state === 'dead' || state === 'delivered') && (
        <OrderForm order={order} action="replay">
          <input type="hidden" name="delivery" value={id} />
          <button aria-label={say(`重送 ${handler}`, `Replay to ${handler}`)}>{say('重送', 'Replay')}</button>
        </OrderForm>
      )}
    </li>
  );
}

function Actions({ order, payment }: { readonly order: OrderKey; readonly payment: Payment | undefined }): JSX.Element {
  const say = useWording();
  return (
    <section>
      <h2>{say('動作', 'Actions')}</h2>
      {payment && (
        <OrderForm order={order} action="query">
          <button class="main">{say('立即向平台查詢', 'Ask the platform now')}</button>
        </OrderForm>
      )}
      <OrderForm order={order} action="note">
        <label class="wide">
          {say('備註（會留在紀錄中）', 'Note (kept in the history)')}
          <input name="text" required maxLength={1000} />
        </label>
        <button>{say('加上備註', 'Add the note')}</button>
      </OrderForm>
    </section>
  );
}
