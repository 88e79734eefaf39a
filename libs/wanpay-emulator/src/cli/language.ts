import { type Language, LANGUAGES } from '../console/language.js';
import { type CommandContext } from './context.js';

export const LANGUAGE_NAMES: readonly string[] = Object.keys(LANGUAGES);

const TRADITIONAL = /^zh[-_](?:TW|HK|MO|Hant)/i;

/** The language that `--lang` asks for, else that of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`). */
export function languageOf(args: readonly string[], env: CommandContext['env']): Language {
  const place = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = args[place]?.split('=')[1] ?? (place < 0 ? undefined : args[place + 1]);
  const locale = asked ?? [env.LC_ALL, env.LC_MESSAGES, env.LANG].find(Boolean) ?? '';
  return TRADITIONAL.test(locale) ? 'zh-TW' : 'en';
}
