import { bilingual } from './bilingual.js';
import { type Html, html } from './html.js';

/** What makes a page. */
export interface Page {
  readonly title: string;
  readonly englishTitle: string;
  readonly content: Html;
  /** Loads the page again after so many seconds: it needs no script. */
  readonly refreshSeconds?: number;
}

/** A whole page as text; Nest sends text that a controller returns as `text/html; charset=utf-8`. */
export function page({ title, englishTitle, content, refreshSeconds }: Page): string {
  const refresh =
    refreshSeconds === undefined ? undefined : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`;
  return html`<!doctype html>
    <html lang="zh-Hant-TW">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${title} ${englishTitle} · 小店</title>
        <link rel="stylesheet" href="/shop.css" />
      </head>
      <body>
        <header>
          <a href="/">${bilingual('小店', 'A small shop')}</a>
        </header>
        <main>
          <h1>${bilingual(title, englishTitle)}</h1>
          ${content}
        </main>
        <footer>
          ${bilingual('這是示範商店，訂單只留在記憶體中', 'A demonstration: orders are kept in memory only')}
        </footer>
      </body>
    </html>`.toString();
}
