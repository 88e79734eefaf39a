import type { Payment } from 'nestjs-wanpay';
import type { EventDelivery, EventEntry, OutcomeEntry, TimelineEntry } from 'nestjs-wanpay/ledger';
import type { JSX } from 'preact';
import { formatMoney } from '../payment-page/format.js';
import { inLanguage, type Language, useLanguage, useWording } from '../payment-page/language.js';
import { deskPage, Moment } from './desk.layout.js';
import { StateBadge } from './orders.page.js';
import { DELIVERIES, EVENTS, OUTCOMES, SOURCES, STATES } from './wording.js';

interface OrderPage {
  readonly orderNo: string;
  /** Absent for an order that the platform spoke of and nobody here had opened. */
  readonly payment: Payment | undefined;
  readonly timeline: readonly TimelineEntry[];
}

/** A payment with its history: what the platform said of it, the events that came of it, and how far their deliveries are. */
export function deskOrderPage({ orderNo, payment, timeline }: OrderPage, language: Language): string {
  return deskPage({
    title: { chinese: `訂單 ${orderNo}`, english: `Order ${orderNo}` },
    language,
    address: `/desk/orders/${encodeURIComponent(orderNo)}`,
    isRestless: timeline.some((entry) => entry.kind === 'event' && entry.deliveries.some(isUnderWay)),
    children: (
      <>
        {payment && <PaymentSummary payment={payment} />}
        {payment && <WhatNeedsAPerson payment={payment} />}
        <Timeline entries={timeline} />
      </>
    ),
  });
}

function PaymentSummary({ payment }: { readonly payment: Payment }): JSX.Element {
  const say = useWording();
  return (
    <p>
      <StateBadge payment={payment} /> <strong>{formatMoney(payment.amount)}</strong>{' '}
      <a href={`/orders/${encodeURIComponent(payment.orderNo)}`}>{say('客人看到的頁面', 'What the customer sees')}</a>
    </p>
  );
}

/** Why a payment failed, and the money that did not pay it. */
function WhatNeedsAPerson({ payment }: { readonly payment: Payment }): JSX.Element | undefined {
  const say = useWording();
  const { orderNo, state, account, failure, acceptance, otherTransfers = [] } = payment;
  const isUnclaimed = state !== 'paid' && !account && otherTransfers.length > 0;
  if (!failure && !acceptance && otherTransfers.length === 0) return undefined;
  return (
    <section>
      <ul class="facts">
        {failure && (
          <li>{say(`失敗原因 ${failure.code}：${failure.message}`, `failed: ${failure.code}, ${failure.message}`)}</li>
        )}
        {acceptance && <li>{say(`人工認領：${acceptance.reason}`, `accepted by a person: ${acceptance.reason}`)}</li>}
        {otherTransfers.map(({ reportedAmount, transactedAt }, i) => (
          <li key={i}>
            {say(`未入帳的款項 ${reportedAmount}`, `money that paid nothing: ${reportedAmount}`)}{' '}
            {transactedAt && <Moment at={transactedAt} />}
          </li>
        ))}
      </ul>
      {isUnclaimed && (
        <form method="post" action={`/desk/orders/${encodeURIComponent(orderNo)}/accept`}>
          <label>
            {say('認領理由', 'Why this money is for this order')} <input name="reason" required maxLength={256} />
          </label>{' '}
          <button>{say('認領款項', 'Accept the money')}</button>
        </form>
      )}
    </section>
  );
}

function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }): JSX.Element {
  const say = useWording();
  return (
    <section>
      <h2>{say('經過', 'What happened')}</h2>
      <ol class="timeline">
        {entries.map((entry) => (
          <li key={`${entry.kind}-${entry.kind === 'event' ? entry.eventId : entry.at.getTime()}`} class={entry.kind}>
            <p class="when">
              <Moment at={entry.at} />
            </p>
            {entry.kind === 'event' && <EventLine {...entry} />}
            {entry.kind === 'outcome' && <OutcomeLine {...entry} />}
            {entry.kind === 'action' && <p>{entry.text}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function OutcomeLine({ source, outcome, change, count, lastAt }: OutcomeEntry): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  const { status, code, reportedAmount, payer, transactedAt } = outcome;
  return (
    <>
      <p>
        <strong>{inLanguage(language, SOURCES[source])}</strong>
        {say('：', ': ')}
        {inLanguage(language, OUTCOMES[status])} ({code})
      </p>
      <ul class="facts">
        {reportedAmount !== undefined && <li>{say(`金額 ${reportedAmount}`, `amount ${reportedAmount}`)}</li>}
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
        {change && <Change {...change} />}
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

function Change({ from, to }: NonNullable<OutcomeEntry['change']>): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  if (from === to) return <li>{say('狀態不變', 'changed no state')}</li>;
  return (
    <li>
      {inLanguage(language, STATES[from])} → {inLanguage(language, STATES[to])}
    </li>
  );
}

function EventLine({ type, deliveries }: EventEntry): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  return (
    <>
      <p>
        <strong>{inLanguage(language, EVENTS[type])}</strong> <code>{type}</code>
      </p>
      <ul class="facts">
        {deliveries.length === 0 && <li>{say('沒有處理程式', 'no handler')}</li>}
        {deliveries.map((delivery) => (
          <DeliveryLine key={delivery.handler} {...delivery} />
        ))}
      </ul>
    </>
  );
}

function DeliveryLine({ handler, state, attempts, failure }: EventDelivery): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  return (
    <li>
      <code>{handler}</code> <span class={`badge ${state}`}>{inLanguage(language, DELIVERIES[state])}</span>{' '}
      {say(`嘗試 ${attempts} 次`, attempts === 1 ? '1 attempt' : `${attempts} attempts`)}
      {failure !== undefined && <p class="failure">{failure}</p>}
      {state === 'dead' && (
        <a href="/desk/dead-letters">{say('到未送達事件重新處理', 'Replay it among the dead letters')}</a>
      )}
    </li>
  );
}

function isUnderWay({ state }: EventDelivery): boolean {
  return state === 'pending' || state === 'running';
}
