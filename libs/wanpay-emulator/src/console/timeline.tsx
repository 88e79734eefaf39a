import { type JSX } from 'preact';
import { type Fault } from '../faults/fault.js';
import { type ActionEntry, type AttemptRecord, type JournalEntry } from '../journal/entry.js';
import { formatAmount, formatLatency } from './format.js';
import { type Say } from './language.js';
import { Moment, StateLabel } from './parts.js';
import { orderActionPath } from './paths.js';
import { explain } from './problems.js';
import { RequestDetails } from './request.js';
import { useConsole } from './surroundings.js';

/** All that happened, the oldest first. */
export function Timeline({ entries }: { entries: readonly JournalEntry[] }): JSX.Element {
  const { say } = useConsole();
  if (entries.length === 0) return <p>{say('Nothing has happened, as far as is remembered.', '沒有紀錄。')}</p>;
  return (
    <ol class="timeline" data-list="timeline">
      {entries.map((entry) => (
        <li key={entry.id} id={`entry-${entry.id}`}>
          <Moment at={entry.at} />
          <Event entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Event({ entry }: { entry: JournalEntry }): JSX.Element {
  const { say } = useConsole();
  switch (entry.kind) {
    case 'request':
      return <RequestDetails request={entry} />;
    case 'attempt':
      return <Attempt record={entry} />;
    case 'state':
      return (
        <p>
          {say('The order is', '訂單狀態：')} <StateLabel state={entry.state} />
          {entry.transfer
            ? ` ${formatAmount(entry.transfer.amount)} ${say('from bank', '自銀行')} ${entry.transfer.payerBankCode}`
            : ''}
        </p>
      );
    case 'fault':
      return (
        <p>
          {say('A fault strikes:', '故障發生：')} <FaultText fault={entry.fault} />
        </p>
      );
    case 'action':
      return <p>{describe(entry, say)}</p>;
  }
}

/** A fault in a line. */
export function FaultText({ fault: { kind, ...rest } }: { fault: Fault }): JSX.Element {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return (
    <>
      <strong>{kind}</strong> {details.length > 0 ? <code>{details.join(', ')}</code> : null}
    </>
  );
}

function describe(entry: ActionEntry, say: Say): string {
  const desk = say('At the desk:', '操作：');
  switch (entry.name) {
    case 'pay': {
      const amount = formatAmount(entry.transfer.amount);
      return `${desk} ${say(`pay ${amount}`, `付款 ${amount}`)}${entry.again ? say(', once more', '，再一次') : ''}`;
    }
    case 'fail':
      return `${desk} ${say('the transfer fails', '轉帳失敗')}`;
    case 'close':
      return `${desk} ${say('close', '關閉')}${entry.notify ? say(' and notify', '並通知') : ''}`;
    case 'resend':
      return `${desk} ${say(`send notification ${entry.notification} again`, `重送通知 ${entry.notification}`)}`;
    default:
      return `${desk} ${entry.name}`;
  }
}

function Attempt({ record: { attempt } }: { record: AttemptRecord }): JSX.Element {
  const { say } = useConsole();
  const { notification, acknowledged, nextAttemptAt } = attempt;
  return (
    <>
      <h3>
        {say(
          `Notification ${notification}, attempt ${attempt.attempt}:`,
          `通知 ${notification}，第 ${attempt.attempt} 次：`,
        )}{' '}
        <span class={`label ${acknowledged ? 'paid' : 'failed'}`}>
          {acknowledged ? say('acknowledged', '已確認') : say('not acknowledged', '未確認')}
        </span>
      </h3>
      <dl>
        <dt>{say('Result', '結果')}</dt>
        <dd>
          {attempt.fields.status} <span lang="zh-Hant">{attempt.fields.result}</span>
        </dd>
        <dt>{say('Reply', '回覆')}</dt>
        <dd>
          {attempt.replyStatus === undefined ? '' : `HTTP ${attempt.replyStatus} `}
          {attempt.replyBody === undefined ? null : (
            <code>{attempt.replyBody === '' ? say('(empty)', '（空）') : attempt.replyBody}</code>
          )}{' '}
          {explain(attempt.error ?? '', say)}
        </dd>
        <dt>{say('Latency', '耗時')}</dt>
        <dd>{formatLatency(attempt.latencyMs)}</dd>
        <dt>{say('Next attempt', '下次嘗試')}</dt>
        <dd>{nextAttemptAt ? <Moment at={nextAttemptAt} /> : say('none', '無')}</dd>
      </dl>
      <details>
        <summary>
          {say('Sent to', '送往')} {attempt.url}
        </summary>
        <pre>
          {Object.entries(attempt.fields)
            .map(([name, value]) => `${name}=${value}`)
            .join('\n')}
        </pre>
      </details>
      <form method="post" action={orderActionPath(attempt, 'resend')}>
        <button
          name="notification"
          value={notification}
          aria-label={say(`Send again: notification ${notification}`, `重送：通知 ${notification}`)}
        >
          {say('Send again', '重送')}
        </button>
      </form>
    </>
  );
}
