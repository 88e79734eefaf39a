/** Texts are in the language of the reader's system, Traditional Chinese or English, as the commands decide it. */
const TRADITIONAL = /^zh[-_](?:TW|HK|MO|Hant)/i;

export function sayIn({ LC_ALL, LC_MESSAGES, LANG }) {
  const isChinese = TRADITIONAL.test(LC_ALL || LC_MESSAGES || LANG || '');
  return (english, chinese) => (isChinese ? chinese : english);
}
