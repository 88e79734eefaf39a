import type { IncomingMessage, ServerResponse } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Language } from '../payment-page/language.js';

const COOKIE = 'lang';
const LANGUAGES: ReadonlyMap<string, Language> = new Map([
  ['zh', 'zh-Hant-TW'],
  ['en', 'en'],
]);
const YEAR_SECONDS = 31_536_000;

/** The reader's language in a handler: as the address says (`?lang=en`), else as it last did, else as the browser prefers. */
export const RequestLanguage = createParamDecorator((_: unknown, context: ExecutionContext) =>
  languageOf(context.switchToHttp().getRequest<IncomingMessage>()),
);

/** The reader's language, as far as the request tells. */
export function languageOf(request: Pick<IncomingMessage, 'url' | 'headers'>): Language {
  return chosen(request) ?? remembered(request) ?? preferred(request) ?? 'zh-Hant-TW';
}

/** Express middleware that remembers what an address chose. A link is enough for that: a language is nothing to forge. */
export function rememberLanguage(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const language = chosen(request);
  if (language) {
    const name = [...LANGUAGES].find(([, value]) => value === language)?.[0] ?? '';
    response.setHeader('Set-Cookie', `${COOKIE}=${name}; Path=/; Max-Age=${YEAR_SECONDS}; HttpOnly; SameSite=Lax`);
  }
  next();
}

function chosen({ url = '' }: Pick<IncomingMessage, 'url'>): Language | undefined {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  return LANGUAGES.get(query.get('lang') ?? '');
}

function remembered({ headers }: Pick<IncomingMessage, 'headers'>): Language | undefined {
  const [, name = ''] = new RegExp(`(?:^|;\\s*)${COOKIE}=(\\w+)`).exec(headers.cookie ?? '') ?? [];
  return LANGUAGES.get(name);
}

/** The first of the browser's languages that there is, in the order of its weights: `en-US,en;q=0.9,zh;q=0.8`. */
function preferred({ headers }: Pick<IncomingMessage, 'headers'>): Language | undefined {
  const ranges = (headers['accept-language'] ?? '').split(',').map((range) => {
    const [name = '', weight = '1'] = range.trim().split(/\s*;\s*q=/i);
    return { language: LANGUAGES.get(name.toLowerCase().split('-', 1).join('')), weight: Number(weight) };
  });
  const known = ranges.filter(({ language, weight }) => language !== undefined && weight > 0);
  return known.toSorted((one, other) => other.weight - one.weight)[0]?.language;
}
