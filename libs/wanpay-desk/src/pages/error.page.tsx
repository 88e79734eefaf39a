import type { Exchange } from '../http/exchange.js';
import { renderPage } from './layout.js';
import { inLanguage, type Wording } from './language.js';

/** What a person sees instead of what they asked for. */
export function errorPage(exchange: Exchange, problem: Wording): string {
  return renderPage({
    exchange,
    title: { chinese: '無法執行', english: 'That can’t be done' },
    children: (
      <p class="problem" role="alert">
        {inLanguage(exchange.language, problem)}
      </p>
    ),
  });
}
