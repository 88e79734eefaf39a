import { type JSX } from 'preact';
import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** Where the sessions are kept. */
export interface SessionKept {
  readonly folder: string;
  /** The file of the session before; absent when this is the first. */
  readonly keptIn?: string;
}

/** Says what it does to go back to now, before it is done. */
export function sessionPage(session: SessionKept, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('Back to now', '回到現在')} {...around}>
      {session.keptIn === undefined ? null : <KeptIn file={session.keptIn} />}
      <p>
        {say('A fresh session begins at the present moment. This is what happens:', '開始新的工作階段，時間是現在：')}
      </p>
      <ul>
        <li>{say('The clock shows the present and runs.', '時鐘顯示現在的時間，並開始運行。')}</li>
        <li>
          {say(
            'Orders, requests, notifications and armed faults are gone from here. Merchants, keys and addresses stay.',
            '這裡的訂單、請求、通知與已啟用的故障都會清除；商戶、金鑰與來源位址會保留。',
          )}
        </li>
        <li>
          {say('All of it is kept in a file in', '全部內容會存成檔案，位於')} <code>{session.folder}</code>
          {say(', which this option reads:', '，可用此選項開啟：')} <code>--data</code>
        </li>
        <li>
          {say(
            'Applications that follow the clock go back with it. They keep their own records: the platform no longer knows the accounts of their earlier orders.',
            '跟隨此時鐘的應用程式會一起回到現在。它們保留自己的紀錄，但平台不再認得先前訂單的帳號。',
          )}
        </li>
      </ul>
      <form method="post" action="/api/session">
        <button class="main" id="fresh-session">
          {say('Start a fresh session', '開始新的工作階段')}
        </button>
      </form>
    </Page>,
  );
}

function KeptIn({ file }: { file: string }): JSX.Element {
  const { say } = useConsole();
  return (
    <div class="notice">
      <p>
        {say(
          'The session before is kept. Look at it beside this one with:',
          '先前的工作階段已保存，可用下列指令另外開啟：',
        )}
      </p>
      <pre>npx wanpay-emulator --port 0 --data {file}</pre>
    </div>
  );
}
