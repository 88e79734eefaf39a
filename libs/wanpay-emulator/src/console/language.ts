import { type IncomingHttpHeaders } from 'node:http';

/** The languages of the console. */
export const LANGUAGES = { en: 'English', 'zh-TW': '繁體中文' } as const;

export type Language = keyof typeof LANGUAGES;

/** What is said, in one of the languages: both stand side by side where they are used. */
export type Say = (english: string, chinese: string) => string;

/** The cookie of a choice that a person has made. */
export const LANGUAGE_COOKIE = 'wanpay_emulator_language';

/** The language that a person has chosen, or that the browser prefers. */
export function languageOf({ cookie = '', 'accept-language': accepted = '' }: IncomingHttpHeaders): Language {
  const chosen = cookie.split('; ').find((pair) => pair.startsWith(`${LANGUAGE_COOKIE}=`));
  return asLanguage(chosen?.slice(LANGUAGE_COOKIE.length + 1)) ?? (preferred(accepted) === 'zh' ? 'zh-TW' : 'en');
}

/** A name of a language as a person or a cookie has it; undefined for any other text. */
export function asLanguage(name: string | undefined): Language | undefined {
  return name === 'en' || name === 'zh-TW' ? name : undefined;
}

export function sayIn(language: Language): Say {
  return (english, chinese) => (language === 'en' ? english : chinese);
}

/** `zh-TW,zh;q=0.9,en;q=0.8` → `zh`: the first of ours, by weight. */
function preferred(accepted: string): string | undefined {
  const ranges = accepted.split(',').map((range) => {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const weight = parameters.find((parameter) => parameter.trim().startsWith('q='))?.split('=')[1];
    return { primary: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight) };
  });
  const ours = ranges.filter(({ primary }) => primary === 'zh' || primary === 'en');
  return ours.toSorted((one, other) => other.weight - one.weight)[0]?.primary;
}
