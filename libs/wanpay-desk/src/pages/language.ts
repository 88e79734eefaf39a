import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DeskLanguage } from '../desk.options.js';
import type { Wording } from '../text.js';

export type { Wording };

/** The language of everything inside. */
export const InLanguage = createContext<DeskLanguage>('zh-Hant-TW');
/** The path of the desk, before every address of its pages. */
export const Base = createContext('');

/** Chooses between a text's languages, which stand side by side where it is used. */
export function useWording(): (chinese: string, english: string) => string {
  const language = useContext(InLanguage);
  return (chinese, english) => inLanguage(language, { chinese, english });
}

/** The language that a component is in. */
export function useLanguage(): DeskLanguage {
  return useContext(InLanguage);
}

/** Chooses a wording's text. */
export function useText(): (wording: Wording) => string {
  const language = useContext(InLanguage);
  return (wording) => inLanguage(language, wording);
}

/** Makes addresses of the desk's pages. */
export function useAddress(): (below: string, query?: Readonly<Record<string, string | undefined>>) => string {
  const base = useContext(Base);
  return (below, query = {}) => {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    const path = below === '' ? base || '/' : `${base}/${below}`;
    return `${path}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`;
  };
}

/** The same outside of components. */
export function inLanguage(language: DeskLanguage, { chinese, english }: Wording): string {
  return language === 'en' ? english : chinese;
}
