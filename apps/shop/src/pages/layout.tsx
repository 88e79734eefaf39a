import type { ComponentChildren, JSX, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { assetUrl } from '../assets/assets.js';
import {
  InLanguage,
  inLanguage,
  type Language,
  useLanguage,
  useWording,
  type Wording,
} from '../payment-page/language.js';

/** What makes a page. */
export interface Page {
  readonly title: Wording;
  readonly language: Language;
  readonly content: VNode;
}

/** Nothing that a page says is run as a script, and htmx writes no style of its own: the content security policy forbids both. */
const HTMX_SETTINGS = JSON.stringify({ allowEval: false, includeIndicatorStyles: false });

/** A whole page as text; Nest sends text that a controller returns as `text/html; charset=utf-8`. */
export function page({ title, language, content }: Page): string {
  const html = (
    <InLanguage.Provider value={language}>
      <html lang={language}>
        <Head title={`${inLanguage(language, title)} · ${inLanguage(language, SHOP_NAME)}`} />
        <body>
          <Header language={language} />
          <main id="main" tabIndex={-1}>
            <h1>{inLanguage(language, title)}</h1>
            {content}
          </main>
          <Footer />
        </body>
      </html>
    </InLanguage.Provider>
  );
  return `<!doctype html>${renderToString(html)}`;
}

const SHOP_NAME: Wording = { chinese: '小店', english: 'A small shop' };

function Head({ title }: { readonly title: string }): JSX.Element {
  return (
    <head>
      <meta charSet="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="htmx-config" content={HTMX_SETTINGS} />
      <title>{title}</title>
      <link rel="icon" href={assetUrl('teapot.svg')} />
      <link rel="stylesheet" href={assetUrl('shop.css')} />
      <link rel="stylesheet" href={assetUrl('payment-page.css')} />
      <Script name="htmx.min.js" />
      <Script name="sse.min.js" />
      <Script name="payment-page.client.js" />
      <Script name="checkout.client.js" />
    </head>
  );
}

function Script({ name }: { readonly name: string }): JSX.Element {
  return <script src={assetUrl(name)} defer />;
}

function Header({ language }: { readonly language: Language }): JSX.Element {
  const say = useWording();
  return (
    <header>
      <a class="skip" href="#main">
        {say('跳到主要內容', 'Skip to the content')}
      </a>
      <a class="brand" href="/">
        {say('小店', 'A small shop')}
      </a>
      {language === 'en' ? (
        <OtherLanguage name="zh" lang="zh-Hant-TW">
          中文
        </OtherLanguage>
      ) : (
        <OtherLanguage name="en" lang="en">
          English
        </OtherLanguage>
      )}
    </header>
  );
}

/** A link, so that it works without a script; it leads to this very page. */
function OtherLanguage(props: {
  readonly name: string;
  readonly lang: Language;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <a class="language" href={`?lang=${props.name}`} lang={props.lang} hreflang={props.lang}>
      {props.children}
    </a>
  );
}

function Footer(): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  return (
    <footer>
      <p>
        {say('示範商店：不收真錢，也不出貨。', 'A demonstration: it takes no real money and ships nothing.')}{' '}
        <a href={`/desk?lang=${language === 'en' ? 'en' : 'zh'}`}>{say('店家後台', 'Merchant’s desk')}</a>
      </p>
    </footer>
  );
}
