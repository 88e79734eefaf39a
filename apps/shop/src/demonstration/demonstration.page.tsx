import type { JSX } from 'preact';
import { page } from '../pages/layout.js';
import { formatTime } from '../payment-page/format.js';
import { type Language, useWording } from '../payment-page/language.js';

interface Demonstration {
  /** Where the emulator's console is. */
  readonly emulatorUrl: string;
  /** The time that the shop and the emulator share. */
  readonly now: Date;
  /** Whether the handlers are made to fail. */
  readonly isFailing: boolean;
}

/** What a developer can try: the common clock, and handlers that fail. */
export function demonstrationPage(demonstration: Demonstration, language: Language): string {
  return page({
    title: { chinese: '示範', english: 'Demonstration' },
    language,
    content: <DemonstrationPart {...demonstration} />,
  });
}

function DemonstrationPart({ emulatorUrl, now, isFailing }: Demonstration): JSX.Element {
  const say = useWording();
  return (
    <>
      <section>
        <h2>{say('共用時鐘', 'One clock')}</h2>
        <p>
          {say('商店與模擬器共用一個時鐘，目前是 ', 'The shop and the emulator share one clock. It shows ')}
          <time dateTime={now.toISOString()}>{formatTime(now)}</time>
          {say('（台北時間）。', ' (Taipei time).')}
        </p>
        <p>
          {say(
            '在模擬器主控台調快時鐘，可以看到付款到期、逾期款項與自動查詢。',
            'Move it in the emulator’s console to watch deadlines pass, late money arrive and payments being checked.',
          )}{' '}
          {say(
            '「回到現在」會開始新的工作階段：模擬器不再認得先前的訂單，商店會在訂單頁說明。',
            'Going back to now starts a fresh session: the emulator forgets earlier orders, and their pages here say so.',
          )}
        </p>
        <p>
          <a class="button" href={emulatorUrl}>
            {say('開啟模擬器主控台', 'Open the emulator’s console')}
          </a>
        </p>
      </section>
      <section>
        <h2>{say('處理函式失敗', 'A handler that fails')}</h2>
        <p class="state" role="status">
          {isFailing
            ? say('目前：處理函式一律失敗。', 'At present every handler fails.')
            : say('目前：處理函式正常。', 'At present the handlers work.')}
        </p>
        <ol>
          <li>
            {say(
              '開啟失敗，下單並在模擬器付款：平台說已付款，訂單卻仍在等待。',
              'Switch failure on, order, and pay in the emulator: the platform says paid, and the order still waits.',
            )}
          </li>
          <li>
            {say('約十秒、四次嘗試後，事件列在', 'After four attempts, about ten seconds, the event is listed at the ')}
            <a href="/desk">{say('店家後台', 'merchant’s desk')}</a>
            {say('。', '.')}
          </li>
          <li>
            {say(
              '關閉失敗，在後台按「重送」，訂單就會變成已付款。',
              'Switch failure off and replay it at the desk: the order becomes paid.',
            )}
          </li>
        </ol>
        <form method="post" action="/demonstration/failure">
          <button name="failure" value={isFailing ? 'off' : 'on'}>
            {isFailing ? say('恢復正常', 'Let the handlers work') : say('讓處理函式失敗', 'Make the handlers fail')}
          </button>
        </form>
      </section>
    </>
  );
}
