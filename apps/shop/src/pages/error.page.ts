import { bilingual } from './bilingual.js';
import { html } from './html.js';
import { page } from './layout.js';

/** What went wrong, for a person, and a way back. */
export function errorPage(messages: readonly string[]): string {
  return page({
    title: '發生問題',
    englishTitle: 'That did not work',
    content: html`
      <ul class="problems">
        ${messages.map((message) => html`<li>${message}</li>`)}
      </ul>
      <p><a href="/">${bilingual('回到商品', 'Back to the items')}</a></p>
    `,
  });
}
