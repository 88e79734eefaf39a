import type { IncomingHttpHeaders } from 'node:http';
import type { DeskLanguage } from '../desk.options.js';

const NAMES: ReadonlyMap<string, DeskLanguage> = new Map([
  ['zh', 'zh-Hant-TW'],
  ['en', 'en'],
]);

/** The language that an address asks for, as `?lang=` writes it. */
export function chosenLanguage(query: URLSearchParams): string | undefined {
  const name = query.get('lang') ?? '';
  return NAMES.has(name) ? name : undefined;
}

/** The reader's language: as the address says, else as it last did, else as the browser asks, else the host's. */
export function languageOf(
  { cookie = '', 'accept-language': accepted = '' }: IncomingHttpHeaders,
  query: URLSearchParams,
  preset: DeskLanguage = 'zh-Hant-TW',
): DeskLanguage {
  const [, remembered = ''] = /(?:^|;\s*)wanpay_desk_language=(\w+)/.exec(cookie) ?? [];
  const asked = accepted.split(',').map((each) => each.trim().slice(0, 2).toLowerCase());
  const name = chosenLanguage(query) ?? [remembered, ...asked].find((each) => NAMES.has(each));
  return NAMES.get(name ?? '') ?? preset;
}
