import type { CommandContext } from '../context.js';
import { ZH_TW } from './zh-tw.js';

export const LANGUAGES = ['en', 'zh-TW'] as const;

/** What a person reads. JSON is English in any language: it is for programs. */
export type Language = (typeof LANGUAGES)[number];

/** Turns a sentence of ours into the reader's language; what is in no catalogue stays as it is. */
export type Translate = (english: string) => string;

const TRADITIONAL = /^zh[-_](?:TW|HK|MO|Hant)/i;
/** A place in a sentence of the catalogue, by its number. */
const PLACE = /\{(\d)\}/g;

/** The language that the command line asks for, else that of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`). */
export function languageOf(args: readonly string[], env: CommandContext['env']): Language {
  const place = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = args[place]?.split('=')[1] ?? (place < 0 ? undefined : args[place + 1]);
  const locale = asked ?? [env.LC_ALL, env.LC_MESSAGES, env.LANG].find(Boolean) ?? '';
  return TRADITIONAL.test(locale) ? 'zh-TW' : 'en';
}

export function translatorOf(language: Language): Translate {
  return language === 'en' ? (english) => english : byCatalogue(ZH_TW);
}

interface Sentence {
  readonly pattern: RegExp;
  readonly order: readonly number[];
  readonly translation: string;
}

/** A sentence that holds names or numbers is found by what stands around them, the longest first. */
function byCatalogue(catalogue: Readonly<Record<string, string>>): Translate {
  const sentences = Object.entries(catalogue)
    .sort(([one], [other]) => other.length - one.length)
    .flatMap(toSentence);
  const translate: Translate = (english) => {
    if (Object.hasOwn(catalogue, english)) return catalogue[english] ?? english;
    for (const { pattern, order, translation } of sentences) {
      const found = pattern.exec(english);
      if (!found) continue;
      return translation.replace(PLACE, (_, digit: string) => translate(found[order.indexOf(Number(digit)) + 1] ?? ''));
    }
    return english;
  };
  return translate;
}

function toSentence([english, translation]: readonly [string, string]): readonly Sentence[] {
  const order = [...english.matchAll(PLACE)].map(([, digit]) => Number(digit));
  if (order.length === 0) return [];
  const literal = english.split(PLACE).filter((_, index) => index % 2 === 0);
  const pattern = literal.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('([^]*?)');
  return [{ pattern: new RegExp(`^${pattern}$`), order, translation }];
}
