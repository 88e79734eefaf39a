import { type Say } from './language.js';

type Translation = readonly [pattern: RegExp, chinese: string];

/** Whole sentences of the emulator's errors. */
const SENTENCES: readonly Translation[] = [
  [/^Order (\w+) is paid already; pay it .*$/, '訂單 $1 已付款；如要再付一次，請勾選「即使已付款」。'],
  [/^Order (\w+) is paid and cannot .*$/, '訂單 $1 已付款，無法執行此操作。'],
  [/^Order (\w+) is paying and cannot .*$/, '訂單 $1 的轉帳正在途中，無法執行此操作。'],
  [/^Order (\w+) is failed and cannot .*$/, '訂單 $1 付款失敗，無法執行此操作。'],
  [/^Order (\w+) is closed and cannot .*$/, '訂單 $1 已關閉，無法執行此操作。'],
  [/^Order (\w+) has had (\d+) transfers: .*$/, '訂單 $1 已有 $2 筆轉帳：請改付另一筆訂單。'],
  [/^Order (\S+) has no such notification .*$/, '訂單 $1 沒有可重送的通知。'],
  [/^Merchant (\S*) has no order (\S*) here\.$/, '商戶 $1 在此沒有訂單 $2。'],
  [/^There is no merchant (\S*) here\.$/, '這裡沒有商戶 $1。'],
  [/^The platform refused the order: (.*)$/s, '平台拒絕了這筆訂單：$1'],
  [/^There is no such request, or it was forgotten\.$/, '沒有這個請求，或已被遺忘。'],
  [/^There is no such page\.$|^Cannot GET .*$/, '沒有這個頁面。'],
  [/^There is no such language here\.$/, '這裡沒有這個語言。'],
  [/^There is no such file\.$/, '沒有這個檔案。'],
  [/^Cannot POST .*$/, '沒有這個操作。'],
  [/^The body has more than (\d+) bytes\.$/, '內容超過 $1 位元組。'],
  [/^The body must hold one of (.*) and (.*)\.$/, '內容必須有 $1、$2 其中一項。'],
  [/^The body must be application\/json\.$/, '內容必須是 application/json。'],
  [/^The body must be a JSON object\.$/, '內容必須是 JSON 物件。'],
  [
    /^The console is not open under this host name\..*$/,
    '主控台不接受這個名稱。請改用 localhost 或本機的位址，或以 --public-host（publicHosts）加上這個名稱再啟動模擬器。',
  ],
  [
    /^A page of another site sent this.*$/,
    '這是其他網站的頁面送出的，因此沒有執行。請從主控台自己的頁面或由程式送出；模擬器的公開名稱以 --public-host（publicHosts）設定。',
  ],
  [
    /^The session’s beginning was forgotten: .*$/,
    '工作階段的開頭已被遺忘：請開始新的工作階段，或加大 historyLimit 與 historyBytes。',
  ],
  [/^Request (\d+) was too long to be kept whole: .*$/, '請求 $1 太長，未完整保存：請以較短的請求開始新的工作階段。'],
  [/^Cannot write (.*) \((.*)\): .*$/, '無法寫入 $1（$2）：請指定可寫入的檔案。'],
  [/^No reply within (\d+) s\.$/, '$1 秒內沒有回覆。'],
  [/^No reply: (\w+)\.$/, '沒有回覆：$1。'],
  [/^The acknowledgement was lost on the way \(a fault\)\.$/, '確認在途中遺失（故障）。'],
  [/^The emulator was closed\.$/, '模擬器已關閉。'],
  [/^The emulator failed; its log says why\.$/, '模擬器發生錯誤；原因請看它的記錄。'],
];

/** What is wrong with a field, after its name. */
const PROBLEMS: readonly Translation[] = [
  [/^is taken\.$/, '已被使用。'],
  [/^is missing\.$/, '未填寫。'],
  [/^of merchant (\S*) is missing\.$/, '商戶 $1 沒有金鑰。'],
  [/^is empty, or known already\.$/, '是空的，或已存在。'],
  [/^is not known\.$/, '不存在。'],
  [/^is one too many: remove another first\.$/, '已達上限：請先移除另一個。'],
  [/^is one too many: (\d+) are armed\.$/, '已達上限：已啟用 $1 個。'],
  [/^is one too many\.$/, '已達上限。'],
  [/^names the only key: add another first\.$/, '是唯一的金鑰：請先新增另一把。'],
  [/^must be a whole number of New Taiwan dollars, at least (\d+)\.$/, '必須是新臺幣整數元，至少 $1。'],
  [/^must be a whole number of New Taiwan dollars\.$/, '必須是新臺幣整數元。'],
  [/^must be three digits\.$/, '必須是三位數字。'],
  [/^must be three or four digits\.$/, '必須是三或四位數字。'],
  [/^must be 1 to 16 digits\.$/, '必須是 1 到 16 位數字。'],
  [/^must be 1 to 20 digits and upper-case letters\.$/, '必須是 1 到 20 個數字與大寫英文字母。'],
  [/^must be one to four letters or digits\.$/, '必須是 1 到 4 個英文字母或數字。'],
  [/^must be 1 to 200 visible ASCII characters\.$/, '必須是 1 到 200 個可見的 ASCII 字元。'],
  [/^must be a date, or after-deadline\.$/, '必須是日期，或 after-deadline。'],
  [/^must be a date\.$/, '必須是日期。'],
  [/^must have 1 to (\d+) characters\.$/, '必須有 1 到 $1 個字元。'],
  [/^must have at most (\d+) characters\.$/, '最多 $1 個字元。'],
  [/^must have at most (\d+) characters of JSON\.$/, '的 JSON 最多 $1 個字元。'],
  [/^must be named by .*$/, '的名稱須為 1 到 32 個英文字母、數字或 _，且不可與已知欄位相同。'],
  [/^must hold at most (\d+) addresses and ranges\.$/, '最多 $1 個位址與網段。'],
  [/^must hold addresses as text\.$/, '必須是文字寫成的位址。'],
  [/^holds (.*), no address or CIDR range\.$/, '含有 $1，它不是 IP 位址或網段。'],
  [/^must be a whole number from (\d+) to (\d+)\.$/, '必須是 $1 到 $2 的整數。'],
  [/^must be a whole number from (\d+), or always\.$/, '必須是從 $1 起的整數，或 always。'],
  [/^must be a whole number from (\d+)\.$/, '必須是從 $1 起的整數。'],
  [/^must be a whole number, or always\.$/, '必須是整數，或 always。'],
  [/^must be above 0 and at most 1\.$/, '必須大於 0，且不大於 1。'],
  [/^must be zero or more; time does not go back\.$/, '必須是零以上；時間不會倒流。'],
  [/^must be an integer number\.$/, '必須是整數。'],
  [/^must be a number(?: .*)?\.$/, '必須是數字。'],
  [/^must not be less than (\d+)\.$/, '不可小於 $1。'],
  [/^must be a boolean value\.$/, '必須是 true 或 false。'],
  [/^must be equal to true\.$/, '只能是 true。'],
  [/^must be one of (?:the following values: )?(.*)\.$/, '必須是下列之一：$1。'],
  [/^must be an? (?:string|object|array)\.$/, '的型別不正確。'],
  [/^should not exist\.$/, '不是這個操作的欄位。'],
];

/** What went wrong, in the reader's language. What others wrote is shown as it is. */
export function explain(message: string, say: Say): string {
  return say(message, translate(message, SENTENCES) ?? translate(message, PROBLEMS) ?? explainField(message));
}

/** `amount must be a date.` → `amount：必須是日期。` */
function explainField(message: string): string {
  const [, name = '', problem = ''] = /^(\w+) (.*)$/s.exec(message) ?? [];
  const chinese = translate(problem, PROBLEMS);
  return chinese === undefined ? message : `${name}：${chinese}`;
}

function translate(message: string, translations: readonly Translation[]): string | undefined {
  const [pattern, chinese] = translations.find(([each]) => each.test(message)) ?? [];
  return pattern && chinese !== undefined ? message.replace(pattern, chinese) : undefined;
}
