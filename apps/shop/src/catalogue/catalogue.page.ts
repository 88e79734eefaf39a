import { bilingual } from '../pages/bilingual.js';
import { formatMoney } from '../pages/format.js';
import { html } from '../pages/html.js';
import { page } from '../pages/layout.js';
import type { Item } from './catalogue.js';

/** What there is to buy. */
export function cataloguePage(items: readonly Item[]): string {
  return page({
    title: '商品',
    englishTitle: 'Items',
    content: html`<ul class="items">
      ${items.map(
        (item) => html`
          <li>
            <span>${bilingual(item.name, item.englishName)}</span>
            <strong>${formatMoney(item.price)}</strong>
            <a class="button" href="/checkout/${item.id}">${bilingual('購買', 'Buy')}</a>
          </li>
        `,
      )}
    </ul>`,
  });
}
