import type { JSX } from 'preact';
import { assetUrl } from '../assets/assets.js';
import { page } from '../pages/layout.js';
import { formatMoney } from '../payment-page/format.js';
import { type Language, useWording } from '../payment-page/language.js';
import type { Item } from './catalogue.js';

/** What there is to buy. */
export function cataloguePage(items: readonly Item[], language: Language): string {
  return page({
    title: { chinese: '今日商品', english: 'For sale today' },
    language,
    content: (
      <ul class="items">
        {items.map((item) => (
          <ItemCard key={item.id} item={item} />
        ))}
      </ul>
    ),
  });
}

function ItemCard({ item }: { readonly item: Item }): JSX.Element {
  const say = useWording();
  const name = say(item.name, item.englishName);
  return (
    <li class="card">
      <img src={assetUrl(item.picture)} alt="" width="160" height="160" />
      <h2>{name}</h2>
      <p>{say(item.description, item.englishDescription)}</p>
      <p class="price">{formatMoney(item.price)}</p>
      <a class="button" href={`/checkout/${item.id}`}>
        {say('購買', 'Buy')}
        <span class="visually-hidden"> {name}</span>
      </a>
    </li>
  );
}
