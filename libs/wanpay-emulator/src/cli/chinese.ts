import { sayIn } from '../console/language.js';
import { explain } from '../console/problems.js';

type Translation = readonly [pattern: RegExp, chinese: string];

/** What the parser, the commands and the emulator say of a mistake. What `$1` stands for is translated, too. */
const SENTENCES: readonly Translation[] = [
  [/^Usage:$/, '用法：'],
  [/^Arguments:$/, '參數：'],
  [/^Options:$/, '選項：'],
  [/^Commands:$/, '指令：'],

  [/^error: unknown command '(.*)'; --help lists them$/s, '錯誤：沒有 $1 這個指令；--help 會列出所有指令'],
  [/^error: unknown option '(.*)'$/s, '錯誤：沒有 $1 這個選項'],
  [/^error: missing required argument '(.*)'$/, '錯誤：缺少參數 $1'],
  [/^error: required option '(.*)' not specified$/, '錯誤：必須指定選項 $1'],
  [/^error: option '(.*)' argument missing$/, '錯誤：選項 $1 缺少值'],
  [/^error: option '(.*?)' argument '(.*)' is invalid\. (.*)$/s, '錯誤：選項 $1 的值 $2 不正確。$3'],
  [
    /^error: option '(.*?)' value '(.*)' from env '(.*)' is invalid\. (.*)$/s,
    '錯誤：環境變數 $3 的值 $2（選項 $1）不正確。$4',
  ],
  [/^error: command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/s, '錯誤：參數 $2 的值 $1 不正確。$3'],
  [/^error: option '(.*)' cannot be used with option '(.*)'$/, '錯誤：選項 $1 不能與 $2 並用'],
  [
    /^error: too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+).*$/s,
    '錯誤：$1 只接受 $2 個參數，卻給了 $3 個。',
  ],
  [/^Allowed choices are (.*)\.$/, '可用的值為 $1。'],
  [/^\(Did you mean one of (.*)\?\)$/, '（您是否要用下列之一：$1？）'],
  [/^\(Did you mean (.*)\?\)$/, '（您是否要用 $1？）'],
  [/^It is written NO:KEY\.$/, '寫法是 NO:KEY（編號:金鑰）。'],
  [/^It is a number from 0 to 65535\.$/, '須為 0 到 65535 的數字。'],
  [/^It is no date\.$/, '它不是日期，寫法如 2026-02-08T09:00:00+08:00。'],
  [/^It is a whole number of New Taiwan dollars\.$/, '須為新臺幣整數元。'],
  [/^It is a whole number from 1\.$/, '須為從 1 起的整數。'],
  [/^It is a number of seconds, such as 60\.$/, '須為秒數，例如 60。'],
  [/^It is an address, such as (.*)\.$/, '須為網址，例如 $1。'],
  [/^It is written 90s, 3m, 1h30m or 30d; or next\.$/, '寫法是 90s、3m、1h30m 或 30d；或 next。'],

  [
    /^No emulator answers at (\S+?)( \(\w+\))?\. Start one .*$/,
    '$1 沒有模擬器回應$2。請以 npx wanpay-emulator 啟動，或以 --url 或 WANPAY_EMULATOR_URL 指定它的位址。',
  ],
  [
    /^(\S+) has not answered within ([\d.]+) s\. .*$/,
    '$1 在 $2 秒內沒有回應。請看模擬器的終端機：如果它卡住了，請重新啟動；如果它只是在忙，請以 --timeout 延長等候時間。您的要求可能已經執行。',
  ],
  [
    /^(\S+) is no emulator(?:: HTTP (\d+))?\. .*$/,
    '$1 不是模擬器。請以 --url 或 WANPAY_EMULATOR_URL 指定它的位址，例如 http://127.0.0.1:4010。',
  ],
  [/^There is no order (\S+): the command orders lists them\.$/, '沒有訂單 $1：orders 指令會列出所有訂單。'],
  [/^Several merchants have an order (\S+): give --merchant\.$/, '有數個商戶都有訂單 $1：請加上 --merchant。'],
  [/^Order (\S+) is paid already; pay it .*$/, '訂單 $1 已付款；如要再付一次，請加上 --again。'],
  [/^There is no key: give --merchant NO:KEY\.$/, '沒有金鑰：請以 --merchant NO:KEY 指定。'],
  [
    /^Nothing listens there \(ECONNREFUSED\): .*$/,
    '那裡沒有程式在接收（ECONNREFUSED）：請檢查網址，以及應用程式是否在執行。',
  ],
  [/^No reply\.$/, '沒有回覆。'],

  [/^Cannot listen on (.*), port (\d+): (.*)\.$/, '無法在 $1 的連接埠 $2 接收連線：$3。'],
  [/^the port is taken$/, '連接埠已被使用'],
  [/^this user may not use the port$/, '這個使用者不可使用此連接埠'],
  [/^this machine has no such address$/, '這台電腦沒有這個位址'],
  [/^there is no such host$/, '沒有這個主機'],
  [/^Cannot read (.*) \((.*)\): .*$/, '無法讀取 $1（$2）：請以 --data 指定可讀寫的檔案（不是資料夾）。'],
  [/^Cannot write (.*) \((.*)\): .*$/, '無法寫入 $1（$2）：請以 --data 指定可寫入的檔案。'],
  [
    /^(.*) (is|was) (.*)\. Move it away to begin anew, or put back a copy\.$/s,
    '$1 $3。請移走它以重新開始，或放回備份。',
  ],
  [/^not a state file of this emulator, or was cut short$/, '不是此模擬器的狀態檔，或不完整'],
  [/^damaged, or changed by hand$/, '已損壞，或被手動修改過'],
  [
    /^written by another version of this emulator \(format (.*), not (\d+)\)$/,
    '由另一個版本的模擬器寫成（格式 $1，而非 $2）',
  ],
  [/^publicHosts must hold host names alone, .*$/, '--public-host 只能是主機名稱，例如 emulator.example。'],
  [/^notificationTarget must be an address, .*$/, '--target 須為網址，例如 http://127.0.0.1:3000。'],
  [/^merchants holds a number twice\.$/, '--merchant 有重複的商戶編號。'],
];

/** A message of the command line in Traditional Chinese; what others wrote stays as it is. */
export function inChinese(message: string): string {
  for (const [pattern, chinese] of SENTENCES) {
    const found = pattern.exec(message);
    if (found) return chinese.replace(/\$(\d)/g, (_, place: string) => inChinese(found[Number(place)] ?? ''));
  }
  return explain(message, sayIn('zh-TW'));
}

/** What the parser adds to an option's description: `(default: 4010)`. */
export function extrasInChinese(text: string): string {
  return text.replace(/ \(((?:default|choices|env): [^()]*)\)$/, (_, extras: string) => {
    const chinese = extras
      .replaceAll('default: ', '預設：')
      .replaceAll('choices: ', '可用：')
      .replaceAll('env: ', '環境變數：');
    return `（${chinese}）`;
  });
}
