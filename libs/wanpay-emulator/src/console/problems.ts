import { type Say } from './language.js';

/** What the emulator's errors say, for readers of Chinese. What is not listed is shown as it is. */
const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^is taken\.$/, '已被使用。'],
  [/^is missing\.$/, '未填寫。'],
  [/^is empty, or known already\.$/, '是空的，或已存在。'],
  [/^names the only key: add another first\.$/, '是唯一的金鑰：請先新增另一把。'],
  [/^must be a whole number of New Taiwan dollars/, '必須是新臺幣整數元。'],
  [/^must be three digits\.$/, '必須是三位數字。'],
  [/^must be three or four digits/, '必須是三或四位數字。'],
  [/^must be 1 to 16 digits\.$/, '必須是 1 到 16 位數字。'],
  [/^must be a date/, '必須是日期。'],
  [/^must have (?:1 to|at most) (\d+) characters/, '最多 $1 個字元，且不可空白。'],
  [/^must hold addresses|^must hold IP|^holds/, '含有不是 IP 位址或網段的內容。'],
  [/^must be a whole number from (\d+)/, '必須是從 $1 起的整數。'],
  [/^must be above 0 and at most 1/, '必須大於 0，且不大於 1。'],
  [/ is paid already/, '這筆訂單已支付；如要再付一次，請勾選「即使已支付」。'],
  [/ has no such notification/, '沒有可重送的通知。'],
  [/ has no order /, '沒有這筆訂單。'],
  [/^The platform refused the order/, '平台拒絕了這筆訂單：'],
  [/^There is no such request/, '沒有這個請求，或已被遺忘。'],
];

/** What went wrong, in the reader's language. */
export function explain(message: string, say: Say): string {
  const [pattern, chinese] = CHINESE.find(([each]) => each.test(message)) ?? [];
  if (!pattern || chinese === undefined) return message;
  const translated = message.replace(pattern, chinese);
  return say(
    message,
    pattern.source.startsWith('^The platform') ? translated : chineseAlone(message, pattern, chinese),
  );
}

function chineseAlone(message: string, pattern: RegExp, chinese: string): string {
  return (pattern.exec(message)?.[0] ?? '').replace(pattern, chinese);
}
