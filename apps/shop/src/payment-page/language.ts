import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** The languages of the pages, as HTML's `lang` writes them. */
export type Language = 'zh-Hant-TW' | 'en';

/** A text in each of the languages. */
export interface Wording {
  readonly chinese: string;
  readonly english: string;
}

/** The language of everything inside `<InLanguage.Provider value="en">`; outside of any, Traditional Chinese. */
export const InLanguage = createContext<Language>('zh-Hant-TW');

/** Chooses between a text's languages, which stand side by side where it is used. */
export function useWording(): (chinese: string, english: string) => string {
  const language = useLanguage();
  return (chinese, english) => inLanguage(language, { chinese, english });
}

/** The language that a component is in. */
export function useLanguage(): Language {
  return useContext(InLanguage);
}

/** The same outside of components. */
export function inLanguage(language: Language, { chinese, english }: Wording): string {
  return language === 'en' ? english : chinese;
}
