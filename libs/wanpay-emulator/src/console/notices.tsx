import { type JSX } from 'preact';
import { type ApplicationClock } from '../platform/application-clocks.js';
import { formatSpan } from './format.js';
import { useConsole } from './surroundings.js';

/** What needs a person's eye on every page: clocks that differ, and faults that are armed. */
export function Notices(): JSX.Element {
  const { say, armed, differing } = useConsole();
  return (
    <>
      {differing.map((application) => (
        <DifferentClock key={application.merchantNo + application.application} application={application} />
      ))}
      {armed.length > 0 ? (
        <div class="notice row">
          <p>
            <strong>
              {say(
                armed.length === 1 ? '1 fault is armed' : `${armed.length} faults are armed`,
                `已啟用 ${armed.length} 個故障`,
              )}
            </strong>{' '}
            <code>{[...new Set(armed.map(({ fault }) => fault.kind))].slice(0, 3).join(', ')}</code>{' '}
            <a href="/faults">{say('See them', '查看')}</a>
          </p>
          <form method="post" action="/api/faults/clear">
            <button id="disarm-all">{say('Disarm all', '全部解除')}</button>
          </form>
        </div>
      ) : null}
    </>
  );
}

function DifferentClock({
  application: { application, merchantNo, aheadMs },
}: {
  application: ApplicationClock;
}): JSX.Element {
  const { say, language } = useConsole();
  const span = formatSpan(aheadMs, language);
  return (
    <p class="notice">
      <strong>
        {say(
          `The clock of ${application} (merchant ${merchantNo}) is ${span} ${aheadMs < 0 ? 'behind' : 'ahead of'} this one.`,
          `${application}（商戶 ${merchantNo}）的時鐘比這裡${aheadMs < 0 ? '慢' : '快'} ${span}。`,
        )}
      </strong>{' '}
      {say(
        'From ten minutes on, its requests are refused (910), and it refuses notifications as stale. Give it the clock',
        '相差十分鐘以上，它的請求會被拒絕（910），它也會拒絕過時的通知。請讓它使用時鐘',
      )}{' '}
      <code>remoteClock()</code>
      {say(', or ', '，或')}
      <a href="/session">{say('go back to now', '回到現在')}</a>
      {say('.', '。')}
    </p>
  );
}
