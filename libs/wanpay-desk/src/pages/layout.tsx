import type { ComponentChildren, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Exchange } from '../http/exchange.js';
import { ASSETS } from './assets.js';
import { Base, InLanguage, inLanguage, useAddress, useText, useWording, type Wording } from './language.js';

/** A place in the navigation. */
export type Place = 'needs' | 'payments' | 'figures' | 'reconciliation';

/** What makes a page. */
export interface Page {
  readonly exchange: Exchange;
  readonly title: Wording;
  readonly place?: Place;
  /** How much needs a person; absent where that is not known. */
  readonly needs?: number | undefined;
  readonly children: ComponentChildren;
}

const PLACES: readonly (readonly [Place, string, Wording])[] = [
  ['needs', '', { chinese: '待處理', english: 'Needs a person' }],
  ['payments', 'payments', { chinese: '付款', english: 'Payments' }],
  ['figures', 'figures', { chinese: '統計', english: 'Figures' }],
  ['reconciliation', 'reconciliation', { chinese: '對帳', english: 'Reconciliation' }],
];
const NAME: Wording = { chinese: '收款後台', english: 'Payment desk' };

/** A whole page as text. */
export function renderPage({ exchange, title, place, needs, children }: Page): string {
  const { language, base } = exchange;
  const html = (
    <InLanguage.Provider value={language}>
      <Base.Provider value={base}>
        <html lang={language}>
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <meta name="robots" content="noindex" />
            <title>{`${inLanguage(language, title)} · ${inLanguage(language, NAME)}`}</title>
            <link rel="icon" href={`${base}/assets/${ASSETS.icon.name}`} />
            <link rel="stylesheet" href={`${base}/assets/${ASSETS.style.name}`} />
            <script src={`${base}/assets/${ASSETS.script.name}`} defer />
          </head>
          <body>
            <Header exchange={exchange} place={place} needs={needs} />
            <main id="main" tabIndex={-1}>
              <h1>{inLanguage(language, title)}</h1>
              {children}
            </main>
          </body>
        </html>
      </Base.Provider>
    </InLanguage.Provider>
  );
  return `<!doctype html>${renderToString(html)}`;
}

function Header({
  exchange,
  place,
  needs,
}: {
  readonly exchange: Exchange;
  readonly place: Place | undefined;
  readonly needs: number | undefined;
}): JSX.Element {
  const say = useWording();
  const text = useText();
  const address = useAddress();
  return (
    <header>
      <a class="skip" href="#main">
        {say('跳到主要內容', 'Skip to the content')}
      </a>
      <nav aria-label={text(NAME)}>
        <ul>
          {PLACES.map(([name, below, wording]) => (
            <li key={name}>
              <a href={address(below)} {...(name === place ? { 'aria-current': 'page' as const } : {})}>
                {text(wording)}
                {name === 'needs' && <NeedsCount count={needs ?? 0} />}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <OtherLanguage exchange={exchange} />
    </header>
  );
}

const MANY = 99;

/** There also while nothing does, so that an open page hears of the first. */
function NeedsCount({ count }: { readonly count: number }): JSX.Element {
  const say = useWording();
  return (
    <span id="needs-count" data-live>
      {count > 0 && (
        <span class="count">
          {count > MANY ? `${MANY}+` : count}
          <span class="visually-hidden">{say(' 件', ' to do')}</span>
        </span>
      )}
    </span>
  );
}

/** A link, so that it works without a script; it leads to this very page. */
function OtherLanguage({ exchange: { language, path } }: { readonly exchange: Exchange }): JSX.Element {
  const [name, lang, label] = language === 'en' ? ['zh', 'zh-Hant-TW', '中文'] : ['en', 'en', 'English'];
  const href = `${path}${path.includes('?') ? '&' : '?'}lang=${name}`;
  return (
    <a class="language" href={href} lang={lang} hreflang={lang}>
      {label}
    </a>
  );
}
