import { type JSX } from 'preact';
import { type Fault } from '../faults/fault.js';
import { type ActionEntry, type AttemptRecord, type JournalEntry } from '../journal/entry.js';
import { formatAmount } from './format.js';
import { Moment } from './layout.js';
import { orderActionPath } from './paths.js';
import { RequestDetails } from './request.js';

/** All that happened, the oldest first. */
export function Timeline({ entries }: { entries: readonly JournalEntry[] }): JSX.Element {
  if (entries.length === 0) return <p>Nothing has happened, as far as is remembered.</p>;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <li key={entry.id}>
          <Moment at={entry.at} />
          <Event entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Event({ entry }: { entry: JournalEntry }): JSX.Element {
  switch (entry.kind) {
    case 'request':
      return <RequestDetails request={entry} />;
    case 'attempt':
      return <Attempt record={entry} />;
    case 'state':
      return (
        <p>
          The order is <span class={entry.state}>{entry.state}</span>
          {entry.transfer ? `: ${formatAmount(entry.transfer.amount)} from bank ${entry.transfer.payerBankCode}` : ''}
        </p>
      );
    case 'fault':
      return (
        <p>
          A fault strikes: <FaultText fault={entry.fault} />
        </p>
      );
    case 'action':
      return <p>{describe(entry)}</p>;
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

function describe(entry: ActionEntry): string {
  switch (entry.name) {
    case 'pay':
      return `At the desk: pay ${formatAmount(entry.transfer.amount)}${entry.again ? ', once more' : ''}`;
    case 'fail':
      return 'At the desk: the transfer fails';
    case 'close':
      return `At the desk: close${entry.notify ? ' and notify' : ''}`;
    case 'resend':
      return `At the desk: send notification ${entry.notification} again`;
    default:
      return `At the desk: ${entry.name}`;
  }
}

function Attempt({ record: { attempt } }: { record: AttemptRecord }): JSX.Element {
  const { notification, acknowledged, nextAttemptAt } = attempt;
  return (
    <>
      <h3>
        Notification {notification}, attempt {attempt.attempt}:{' '}
        <span class={acknowledged ? 'good' : 'bad'}>{acknowledged ? 'acknowledged' : 'not acknowledged'}</span>
      </h3>
      <dl>
        <dt>Result</dt>
        <dd>
          {attempt.fields.status} {attempt.fields.result}
        </dd>
        <dt>Reply</dt>
        <dd>
          {attempt.replyStatus === undefined ? '' : `HTTP ${attempt.replyStatus} `}
          {attempt.replyBody === undefined ? null : (
            <code>{attempt.replyBody === '' ? '(empty)' : attempt.replyBody}</code>
          )}{' '}
          {attempt.error}
        </dd>
        <dt>Latency</dt>
        <dd>{attempt.latencyMs.toFixed(1)} ms</dd>
        <dt>Next attempt</dt>
        <dd>{nextAttemptAt ? <Moment at={nextAttemptAt} /> : 'none'}</dd>
      </dl>
      <details>
        <summary>Sent to {attempt.url}</summary>
        <pre>
          {Object.entries(attempt.fields)
            .map(([name, value]) => `${name}=${value}`)
            .join('\n')}
        </pre>
      </details>
      <form method="post" action={orderActionPath(attempt, 'resend')}>
        <button name="notification" value={notification} aria-label={`Send again: notification ${notification}`}>
          Send again
        </button>
      </form>
    </>
  );
}
