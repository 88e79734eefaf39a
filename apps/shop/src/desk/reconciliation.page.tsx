import type { ReconciliationReport } from 'nestjs-wanpay';
import type { JSX } from 'preact';
import { type Language, useWording, type Wording } from '../payment-page/language.js';
import { deskPage } from './desk.layout.js';
import type { PeriodForm } from './period.form.js';

interface ReconciliationPage {
  readonly period: PeriodForm;
  readonly report?: ReconciliationReport;
}

/** Where the merchant has the platform asked after the payments of some days, and sees what came of it. */
export function reconciliationPage({ period, report }: ReconciliationPage, language: Language): string {
  return deskPage({
    title: { chinese: '對帳', english: 'Reconciliation' },
    language,
    children: (
      <>
        <PeriodChoice from={period.from} to={period.to} />
        {report && <Report {...report} />}
      </>
    ),
  });
}

function PeriodChoice({ from, to }: PeriodForm): JSX.Element {
  const say = useWording();
  return (
    <form class="filter" method="post" action="/desk/reconciliation">
      <label>
        {say('訂單起始日', 'Orders from')}
        <input type="date" name="from" value={from} required />
      </label>
      <label>
        {say('至', 'to')}
        <input type="date" name="to" value={to} required />
      </label>
      <button>{say('向平台查詢', 'Ask the platform')}</button>
    </form>
  );
}

type Figure = Exclude<keyof ReconciliationReport, 'from' | 'to'>;

const FIGURES: readonly (readonly [Figure, Wording])[] = [
  ['payments', { chinese: '訂單', english: 'Payments' }],
  ['checked', { chinese: '本次查詢', english: 'Asked after now' }],
  ['unanswered', { chinese: '查無回覆', english: 'Without an answer' }],
  ['settledByNotification', { chinese: '由平台通知結清', english: 'Settled by notification' }],
  ['settledByQuery', { chinese: '由查詢結清', english: 'Settled by query' }],
  ['needsReview', { chinese: '款項待處理', english: 'Money to look at' }],
  ['unknownOrders', { chinese: '查無訂單的通知', english: 'Unknown orders' }],
  ['stillOpen', { chinese: '仍待付款', english: 'Still open' }],
];

function Report(report: ReconciliationReport): JSX.Element {
  const say = useWording();
  return (
    <section aria-label={say('對帳結果', 'Report')}>
      <dl class="counts">
        {FIGURES.map(([figure, { chinese, english }]) => (
          <div key={figure} id={figure}>
            <dt>{say(chinese, english)}</dt>
            <dd>{report[figure]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
