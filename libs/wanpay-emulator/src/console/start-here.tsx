import { type JSX } from 'preact';
import { useConsole } from './surroundings.js';

/** What a person needs to open the first order. */
export interface Start {
  readonly merchantNo: string;
  /** Absent unless the vendor has published it. */
  readonly key?: string;
  /** A signed order, as a command. */
  readonly curl: string;
  /** Where the latest order was notified; empty when there was none. */
  readonly notificationUrl: string;
}

/** What an empty page says. */
export function StartHere({ start: { merchantNo, key, curl } }: { start: Start }): JSX.Element {
  const { say, origin } = useConsole();
  return (
    <section class="panel" aria-label={say('Where to begin', '從這裡開始')}>
      <h2>{say('No orders yet.', '還沒有訂單。')}</h2>
      <dl>
        <dt>{say('Base URL', 'Base URL')}</dt>
        <dd>
          <code>{origin}/wxzfservice</code>
        </dd>
        <dt>{say('Merchant', '商戶')}</dt>
        <dd>
          <code>{merchantNo}</code>
        </dd>
        <dt>{say('Key', '金鑰')}</dt>
        <dd>{key === undefined ? say('as you gave it', '啟動時指定的') : <code>{key}</code>}</dd>
      </dl>
      <p>
        {say(
          'An order from the command line, signed for the time that the clock shows (a signature holds for ten minutes):',
          '從命令列下單；簽章依時鐘目前的時間產生，十分鐘內有效：',
        )}
      </p>
      <pre class="curl">{curl}</pre>
    </section>
  );
}
