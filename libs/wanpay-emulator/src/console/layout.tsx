import { type ComponentChildren, type JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { assetUrl } from './assets.js';
import { ClockPanel } from './clock-panel.js';
import { type Language, LANGUAGES, sayIn } from './language.js';
import { Notices } from './notices.js';
import { Live } from './parts.js';
import { explain } from './problems.js';
import { AROUND, type Surroundings } from './surroundings.js';

interface PageProps extends Surroundings {
  readonly title: string;
  /** Where the page's live parts hear of changes. */
  readonly events?: string;
  readonly children?: ComponentChildren;
}

const PLACES: readonly (readonly [path: string, english: string, chinese: string])[] = [
  ['/', 'Orders', '訂單'],
  ['/notifications', 'Notifications', '通知'],
  ['/requests', 'Requests', '請求'],
  ['/faults', 'Faults', '故障'],
  ['/merchants', 'Merchants', '商戶'],
  ['/api/docs', 'API', 'API'],
];

/** htmx without what the policy forbids: no code out of attributes, no style of its own. */
const HTMX = JSON.stringify({
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  selfRequestsOnly: true,
});

/** A whole page as HTML. */
export function render(page: JSX.Element): string {
  return `<!doctype html>${renderToString(page)}`;
}

/** The frame of every page: the way around and the clock above, always in place, and what needs a person's eye. */
export function Page({ title, events = '/api/events', children, ...around }: PageProps): JSX.Element {
  const say = sayIn(around.language);
  return (
    <AROUND.Provider value={around}>
      <html lang={around.language}>
        <Head title={title} say={say} />
        <body hx-ext="sse, calm" sse-connect={events}>
          <a class="skip" href="#content">
            {say('Skip to the content', '跳到內容')}
          </a>
          <header>
            <div class="bar">
              <nav aria-label={say('Console', '主控台')}>
                <ul>
                  {PLACES.map(([href, english, chinese]) => (
                    <li key={href}>
                      <a href={href} {...(isAt(around.path, href) ? { 'aria-current': 'page' } : {})}>
                        {say(english, chinese)}
                      </a>
                    </li>
                  ))}
                </ul>
              </nav>
              <LanguageSwitch current={around.language} />
            </div>
            <Live id="clock" topics={['clock', 'order']}>
              <ClockPanel />
            </Live>
          </header>
          <main id="content">
            <p id="gone" class="notice bad" role="alert" hidden>
              {say(
                'The emulator is not there. This page comes back by itself when it is; until then nothing is sent.',
                '模擬器已停止。恢復後本頁會自動更新；在那之前不會送出任何內容。',
              )}
            </p>
            <Live id="notices" topics={['clock', 'faults']}>
              <Notices />
            </Live>
            <Problem />
            <h1>{title}</h1>
            {children}
          </main>
          <footer>
            <p {...(around.isOpenToOthers ? { class: 'notice' } : {})}>
              {say('No password is asked for here, by design.', '本頁刻意不要求密碼。')}{' '}
              {around.isOpenToOthers
                ? say(
                    'This emulator is bound to an address that other machines may reach: whoever reaches it can pay. Keep it off shared networks.',
                    '其他機器也連得到這個模擬器：任何連得到的人都能付款。請勿放在共用的網路上。',
                  )
                : say(
                    'This emulator is bound to loopback: only this machine reaches it.',
                    '只有這台電腦連得到這個模擬器。',
                  )}
            </p>
            <p>
              <a href="/api/session.mjs" download>
                {say('This session as a script', '將本次工作階段下載為腳本')}
              </a>{' '}
              · <a href="/session">{say('Back to now: start a fresh session', '回到現在：開始新的工作階段')}</a>
            </p>
          </footer>
        </body>
      </html>
    </AROUND.Provider>
  );
}

function Head({ title, say }: { title: string; say: (english: string, chinese: string) => string }): JSX.Element {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · ${say('WanPay emulator', 'WanPay 模擬器')}`}</title>
      <link rel="stylesheet" href={assetUrl('console.css')} />
      <link rel="icon" href={assetUrl('icon.svg')} />
      <meta name="htmx-config" content={HTMX} />
      <script src={assetUrl('htmx.js')} defer />
      <script src={assetUrl('htmx-sse.js')} defer />
      <script src={assetUrl('console.js')} defer />
    </head>
  );
}

function LanguageSwitch({ current }: { current: Language }): JSX.Element {
  const other = current === 'en' ? 'zh-TW' : 'en';
  return (
    <a class="language" href={`/language/${other}`} lang={other} hreflang={other}>
      {LANGUAGES[other]}
    </a>
  );
}

/** What went wrong with what was sent; beside the field too, where there is one. */
function Problem(): JSX.Element {
  return (
    <AROUND.Consumer>
      {(around) =>
        around?.problem ? (
          <p class="notice bad" role="alert">
            {sayIn(around.language)('That did not work:', '未能完成：')}{' '}
            {explain(around.problem.message, sayIn(around.language))}
          </p>
        ) : null
      }
    </AROUND.Consumer>
  );
}

function isAt(path: string, place: string): boolean {
  const [here = ''] = path.split('?');
  return place === '/' ? here === '/' || here.startsWith('/orders/') : here.startsWith(place);
}
