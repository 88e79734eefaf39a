import type { PaymentState, ReconciliationReport } from 'nestjs-wanpay';
import type { JSX } from 'preact';
import { dayOf } from '../days.js';
import type { Exchange } from '../http/exchange.js';
import { canGoOn, type KeptRun, type ReconciledOrder, runName } from '../ledger/reconciliation-run.js';
import type { KeptStatement } from '../ledger/statements.js';
import { OrderLink } from './actions.js';
import { formatMoney, Live, Moment, Scroll } from './format.js';
import { useAddress, useText, useWording, type Wording } from './language.js';
import { renderPage } from './layout.js';
import { STATES } from './wording.js';

interface Runs {
  readonly from: string;
  readonly to: string;
  readonly runs: readonly KeptRun[];
  readonly statements: readonly KeptStatement[];
  readonly needs: number;
}

/** Where a person has the platform asked after some days, and compares a statement with the ledger. */
export function reconciliationPage(exchange: Exchange, { from, to, runs, statements, needs }: Runs): string {
  return renderPage({
    exchange,
    title: { chinese: '對帳', english: 'Reconciliation' },
    place: 'reconciliation',
    needs,
    children: (
      <>
        <StartForm from={from} to={to} />
        <UploadForm />
        <Live id="runs">
          <RunList runs={runs} />
        </Live>
        <StatementList statements={statements} />
      </>
    ),
  });
}

interface OneRun {
  readonly run: KeptRun;
  readonly needs: number;
  /** Whether it was already running when it was asked for. */
  readonly hadBegun: boolean;
}

/** How far one reconciliation is, or its report. */
export function runPage(exchange: Exchange, { run, needs, hadBegun }: OneRun): string {
  const [from, to] = [dayOf(new Date(run.from)), dayOf(new Date(new Date(run.to).getTime() - 1))];
  return renderPage({
    exchange,
    title: { chinese: `對帳 ${from} 至 ${to}`, english: `Reconciliation of ${from} to ${to}` },
    place: 'reconciliation',
    needs,
    children: (
      <Live id="run">
        {hadBegun && run.state === 'running' && <AlreadyBegun />}
        <RunState run={run} />
        <GoOn run={run} />
        {run.report && <Report report={run.report} />}
        <Orders id="changed" title={CHANGED} orders={run.changed} />
        <Orders id="unanswered" title={UNANSWERED} orders={run.unanswered} />
        <Export run={run} />
      </Live>
    ),
  });
}

const CHANGED: Wording = { chinese: '狀態有變的訂單', english: 'Orders whose state has changed' };
const UNANSWERED: Wording = { chinese: '平台沒有回覆的訂單', english: 'Orders without an answer' };

function StartForm({ from, to }: Pick<Runs, 'from' | 'to'>): JSX.Element {
  const say = useWording();
  const address = useAddress();
  return (
    <section>
      <h2>{say('向平台逐筆查詢', 'Ask the platform about each order')}</h2>
      <p class="hint">
        {say(
          '在背景執行，可以離開這一頁再回來看。',
          'It runs in the background: you may leave this page and come back.',
        )}
      </p>
      <form class="row" method="post" action={address('reconciliation')}>
        <label>
          {say('訂單起始日', 'Orders from')}
          <input type="date" name="from" value={from} required />
        </label>
        <label>
          {say('訂單結束日', 'until')}
          <input type="date" name="to" value={to} required />
        </label>
        <button class="main">{say('開始對帳', 'Start')}</button>
      </form>
    </section>
  );
}

function UploadForm(): JSX.Element {
  const say = useWording();
  const address = useAddress();
  return (
    <section>
      <h2>{say('和銀行或平台的對帳檔比對', 'Compare with a statement of the bank or the platform')}</h2>
      <form class="row" method="post" action={address('statement')} enctype="multipart/form-data">
        <label>
          {say('對帳檔（CSV，UTF-8 或 Big5）', 'Statement (CSV, UTF-8 or Big5)')}
          <input type="file" name="file" accept=".csv,.txt,text/csv" required />
        </label>
        <button>{say('上傳並選擇欄位', 'Upload, and choose its columns')}</button>
      </form>
    </section>
  );
}

function RunList({ runs }: Pick<Runs, 'runs'>): JSX.Element {
  const say = useWording();
  const address = useAddress();
  return (
    <section>
      <h2>{say('對帳紀錄', 'Reports')}</h2>
      {runs.length === 0 ? (
        <p>{say('尚未對過帳。', 'There are none yet.')}</p>
      ) : (
        <ul class="cards">
          {runs.map((run) => (
            <li key={run.id} class="card">
              <a href={address('reconciliation/run', { id: runName(run) })}>
                {dayOf(new Date(run.from))} – {dayOf(new Date(new Date(run.to).getTime() - 1))}
              </a>
              <RunState run={run} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function AlreadyBegun(): JSX.Element {
  const say = useWording();
  return (
    <p class="notice">
      {say(
        '這段期間已經有人開始對帳，因此沒有另外開始。這就是那一次。',
        'A reconciliation of these days is already running, so no other was started. This is the running one.',
      )}
    </p>
  );
}

function GoOn({ run }: { readonly run: KeptRun }): JSX.Element | null {
  const say = useWording();
  const address = useAddress();
  if (!canGoOn(run)) return null;
  return (
    <form class="row" method="post" action={address('reconciliation/resume')}>
      <input type="hidden" name="id" value={runName(run)} />
      <button class="main">{say('從中斷處繼續', 'Go on from where it was')}</button>
    </form>
  );
}

function RunState({ run }: { readonly run: KeptRun }): JSX.Element {
  const say = useWording();
  const { at, by, resumedBy, done, total } = run;
  return (
    <>
      <p class="raw">
        <Moment at={at} /> {by}
        {resumedBy !== undefined && say(`（由 ${resumedBy} 繼續）`, ` (resumed by ${resumedBy})`)}
      </p>
      {run.isInterrupted && (
        <p class="problem">
          {say(
            `已中斷：執行它的行程已結束，當時完成 ${done} / ${total}。`,
            `Interrupted: the process that ran it has ended, at ${done} of ${total}.`,
          )}
        </p>
      )}
      {run.state === 'failed' && (
        <p class="problem">
          {say('對帳失敗：', 'It failed: ')}
          {run.error}
        </p>
      )}
      {run.state === 'running' && !run.isInterrupted && (
        <>
          <p role="status">{say(`進行中：${done} / ${total}`, `Running: ${done} of ${total}`)}</p>
          <progress max={Math.max(1, total)} value={done} aria-label={say('進度', 'Progress')} />
        </>
      )}
      {run.state === 'done' && <p>{say('已完成', 'Done')}</p>}
    </>
  );
}

type Figure = Exclude<keyof ReconciliationReport, 'from' | 'to'>;

const FIGURES: readonly (readonly [Figure, Wording])[] = [
  ['payments', { chinese: '訂單', english: 'Payments' }],
  ['checked', { chinese: '本次查詢', english: 'Asked about now' }],
  ['unanswered', { chinese: '沒有回覆', english: 'Without an answer' }],
  ['settledByNotification', { chinese: '由平台通知確認', english: 'Settled by notification' }],
  ['settledByQuery', { chinese: '由查詢確認', english: 'Settled by query' }],
  ['needsReview', { chinese: '待人工處理', english: 'Needs a person' }],
  ['unknownOrders', { chinese: '查無訂單', english: 'Unknown orders' }],
  ['stillOpen', { chinese: '仍待付款', english: 'Still open' }],
];

function Report({ report }: { readonly report: ReconciliationReport }): JSX.Element {
  const text = useText();
  return (
    <dl class="counts">
      {FIGURES.map(([figure, wording]) => (
        <div key={figure} id={figure}>
          <dt>{text(wording)}</dt>
          <dd>{report[figure]}</dd>
        </div>
      ))}
    </dl>
  );
}

function Orders(props: {
  readonly id: string;
  readonly title: Wording;
  readonly orders: readonly ReconciledOrder[];
}): JSX.Element | null {
  const say = useWording();
  const text = useText();
  const { id, title, orders } = props;
  if (orders.length === 0) return null;
  return (
    <section id={id}>
      <h2>
        {text(title)} ({orders.length})
      </h2>
      <Scroll label={text(title)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('訂單編號', 'Order number')}</th>
              <th scope="col" class="number">
                {say('金額', 'Amount')}
              </th>
              <th scope="col">{say('狀態', 'State')}</th>
            </tr>
          </thead>
          <tbody>
            {orders.map((order) => (
              <tr key={`${order.merchantNo} ${order.orderNo}`}>
                <th scope="row">
                  <OrderLink order={order} />
                </th>
                <td class="number">{formatMoney(order.amount)}</td>
                <td>
                  {text(stateOf(order.from))}
                  {order.to !== undefined && ` → ${text(stateOf(order.to))}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Export({ run }: { readonly run: KeptRun }): JSX.Element | null {
  const say = useWording();
  const address = useAddress();
  if (run.state === 'running') return null;
  return (
    <p>
      <a href={address('reconciliation/run.csv', { id: runName(run) })} download>
        {say('下載（CSV，Excel 可開啟）', 'Download (CSV for Excel)')}
      </a>
    </p>
  );
}

function StatementList({ statements }: Pick<Runs, 'statements'>): JSX.Element | null {
  const say = useWording();
  const address = useAddress();
  if (statements.length === 0) return null;
  return (
    <section>
      <h2>{say('比對過的對帳檔', 'Statements')}</h2>
      <ul>
        {statements.map((statement) => (
          <li key={statement.id}>
            <a href={address('statement', { id: runName(statement) })}>{statement.name}</a>{' '}
            <span class="raw">
              <Moment at={statement.at} /> {statement.by}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A later release may have kept another state. */
export function stateOf(state: string): Wording {
  return isState(state) ? STATES[state] : { chinese: state, english: state };
}

function isState(state: string): state is PaymentState {
  return Object.hasOwn(STATES, state);
}
