import { WHAT_GOES_WRONG } from '../api/fault.body.js';
import { CATALOGUE } from '../faults/catalogue.js';
import { type Say } from './language.js';
import { sentenceOf } from './wording.js';

/** What the operations of the control API do, for readers of Chinese. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'GET /api/orders': '所有訂單，由舊到新',
  'POST /api/orders': '以商戶的金鑰建立訂單，並可演練後續的情境',
  'GET /api/orders/{merchantNo}/{orderNo}': '一筆訂單',
  'GET /api/orders/{merchantNo}/{orderNo}/timeline': '一筆訂單的時間軸，含被拒絕的請求，由舊到新',
  'POST /api/orders/{merchantNo}/{orderNo}/pay': '付款；第一次通知嘗試結束後回覆',
  'POST /api/orders/{merchantNo}/{orderNo}/fail': '付款人的轉帳失敗（5805）',
  'POST /api/orders/{merchantNo}/{orderNo}/close': '平台關閉訂單（5803）',
  'POST /api/orders/{merchantNo}/{orderNo}/resend': '重送一則通知，重新簽章',
  'GET /api/clock': '時鐘顯示的時間',
  'POST /api/clock': '移動、停止或運行時鐘；到達後回覆',
  'GET /api/clock/stream': '名為 clock 的 server-sent events，告知時鐘的時間',
  'GET /api/clock/differences': '時鐘與模擬器不同的應用程式',
  'POST /api/clock/followers/{follower}/arrived': '跟隨者已到達事件所告知的時刻',
  'GET /api/faults': '已啟用的故障，由舊到新',
  'POST /api/faults': '啟用一個故障',
  'POST /api/faults/clear': '解除所有故障',
  'POST /api/faults/{id}/disarm': '解除一個故障',
  'GET /api/merchants': '所有商戶，不含金鑰',
  'POST /api/merchants': '新增商戶',
  'POST /api/merchants/{merchantNo}/keys': '新增金鑰，從此用於簽章；較舊的仍可驗證',
  'POST /api/merchants/{merchantNo}/keys/{keyId}/remove': '移除金鑰，不再用於驗證',
  'POST /api/merchants/{merchantNo}/sources': '設定商戶可呼叫的來源',
  'POST /api/session': '從現在開始新的工作階段：保留商戶，其餘存入檔案',
  'GET /api/notifications': '所有已結束的通知嘗試，由舊到新',
  'POST /api/notifications/resend': '重送所有從未獲確認的通知，由舊到新',
  'GET /api/requests': '商戶的所有請求，含被拒絕的，由舊到新',
  'GET /api/session.mjs': '將工作階段存成可以重播的腳本；金鑰從環境變數讀取',
  'GET /api/events': 'server-sent events：order、request、clock、faults、merchants 有變動時送出',
  'GET /api/openapi.json': '本文件',
};

/** What the OpenAPI document says of itself and of what the operations take, by its English words. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'Everything that the console does, for programs. No password: it is for your own machine. Errors are `{ code, message }` with a 4xx status. Bodies are JSON; the console’s own pages send the same as forms, and are answered with a redirect.':
    '主控台能做的一切，供程式使用。不需密碼：只給您自己的機器使用。錯誤以 4xx 狀態回覆 `{ code, message }`。內容為 JSON；主控台自己的頁面以表單送出相同的內容，並以重新導向回覆。',
  'Which interface replies wrongly. Default: order.': '哪個介面回覆錯誤。預設：order。',
  'For code-reply: the code.': '用於 code-reply：代碼。',
  'For code-reply: the words beside the code.': '用於 code-reply：代碼旁的說明文字。',
  'For http-error-reply: 400 to 599. Default: 500.': '用於 http-error-reply：400 到 599。預設：500。',
  'For body-reply and http-error-reply: the body.': '用於 body-reply 與 http-error-reply：回覆的內容。',
  'For code-, http-error- and body-reply: carry the request out all the same.':
    '用於 code-reply、http-error-reply 與 body-reply：仍照請求執行。',
  'For slow-reply: milliseconds of real time. Default: 5,000.': '用於 slow-reply：真實時間的毫秒數。預設：5,000。',
  'Seconds by the emulator’s clock. Default: 60 for delayed-notification, 0 for second-transfer.':
    '依模擬器時鐘的秒數。預設：delayed-notification 為 60，second-transfer 為 0。',
  'For signed-reply: sign wrongly.': '用於 signed-reply：以錯誤的金鑰簽章。',
  'Default: cents for query-amount, dollars for odd-amount-notification.':
    '預設：query-amount 為 cents，odd-amount-notification 為 dollars。',
  'For extended-notification: the further fields, by name.': '用於 extended-notification：其他欄位，以名稱對應值。',
  'For extended-notification: the signature does not cover the further fields.':
    '用於 extended-notification：其他欄位不納入簽章。',
  'For json-notification and query-amount: what reads as a number is a JSON number, digit for digit.':
    '用於 json-notification 與 query-amount：數字寫成 JSON 數字，位數不變。',
  'For content-type-notification; `none` for none. Default: application/x-www-form-urlencoded; charset=utf8.':
    '用於 content-type-notification；`none` 表示不帶。預設：application/x-www-form-urlencoded; charset=utf8。',
  'For odd-amount-notification: `1,280`, `        1280`, `1280.000`, `--` or none. Default: separated.':
    '用於 odd-amount-notification：`1,280`、`        1280`、`1280.000`、`--` 或省略。預設：separated。',
  'For odd-deadline-reply: `2022/07/22`, `2022-07-22 23:59:59.0`, `20220722`, `--` or none. Default: slashes.':
    '用於 odd-deadline-reply：`2022/07/22`、`2022-07-22 23:59:59.0`、`20220722`、`--` 或省略。預設：slashes。',
  'For odd-account-reply: `4671 0722 8518 32`, `4671-0722-8518-32` or a JSON number. Default: spaced.':
    '用於 odd-account-reply：`4671 0722 8518 32`、`4671-0722-8518-32` 或 JSON 數字。預設：spaced。',
  'For odd-status-notification: 1 to 4 letters or digits. Default: 5899.':
    '用於 odd-status-notification：1 到 4 個英文字母或數字。預設：5899。',
  'For second-transfer: the payer’s bank, three digits. Default: 812.':
    '用於 second-transfer：付款銀行，三位數字。預設：812。',
  'For second-transfer: the payer’s account, 1 to 16 digits.': '用於 second-transfer：付款帳號，1 到 16 位數字。',
  'For second-transfer: whole New Taiwan dollars, at least 1. Default: as much as the first.':
    '用於 second-transfer：新臺幣整數元，至少 1。預設：與第一筆相同。',
  'On how many occasions it strikes. Default: 1; with a share, always.': '發生幾次。預設：1；指定比例時為 always。',
  'How many occasions pass before it may strike. Default: 0.': '先略過幾次才可能發生。預設：0。',
  'The share of occasions on which it strikes, above 0 up to 1. Default: every one.':
    '發生的比例，大於 0 且不大於 1。預設：每次。',
  'Only for this merchant.': '只針對這個商戶。',
  'Only for orders of this number.': '只針對這個編號的訂單。',
  'Whole New Taiwan dollars. Default: what was asked for.': '新臺幣整數元。預設：訂單金額。',
  'The payer’s bank, three digits. Default: 822.': '付款銀行，三位數字。預設：822。',
  'The payer’s account, 1 to 16 digits.': '付款帳號，1 到 16 位數字。',
  'When the money arrives, by the emulator’s clock: ISO 8601 (without a zone, Taipei time), or `after-deadline`, a minute after the account has lapsed. Default: now.':
    '款項何時入帳，依模擬器時鐘：ISO 8601（未註明時區時為台北時間），或 `after-deadline`，即帳號失效後一分鐘。預設：現在。',
  'Pay once more an order that is paid already. Default: refuse.': '對已付款的訂單再付一次。預設：拒絕。',
  'Pay twice, one right after the other. Default: once.': '連續付款兩次。預設：一次。',
  'Whether the merchant is notified (5803). Default: no.': '是否通知商戶（5803）。預設：否。',
  'The number of a notification. Default: the order’s latest.': '通知的編號。預設：該訂單最新的一則。',
  'Default: the first merchant.': '預設：第一個商戶。',
  '1 to 20 digits and upper-case letters. Default: a new one.': '1 到 20 個數字與大寫英文字母。預設：新的編號。',
  'Whole New Taiwan dollars, at least 11. Default: 1280.': '新臺幣整數元，至少 11。預設：1280。',
  '`backurl`: where results are posted. Default: nowhere.': '`backurl`：結果送往的網址。預設：不送。',
  '`body` of the order.': '訂單的 `body`。',
  'How many days the account is valid, 1 to 30. Default: 7.': '帳號有效的天數，1 到 30。預設：7。',
  'What becomes of it. `late` has the money arrive after the deadline, once the clock is there; `lost-reply` loses the reply to the order; `taken-number` has somebody else use the number before (6307). Default: nothing yet.':
    '訂單的後續。`late`：時鐘過了期限後款項才入帳；`lost-reply`：下單的回覆遺失；`taken-number`：訂單編號先被他人使用（6307）。預設：尚無後續。',
  'Only those that were tried since then: ISO 8601 (without a zone, Taipei time). Default: all.':
    '只限此時之後嘗試過的：ISO 8601（未註明時區時為台北時間）。預設：全部。',
  'How many at most. Default: all.': '最多幾筆。預設：全部。',
  'How many of the oldest are passed over. Default: 0.': '略過最舊的幾筆。預設：0。',
  'Only those in this state.': '只限這個狀態的。',
  'Move it forward; what falls due on the way happens in order.': '向前移動；途中到期的事依序發生。',
  'Move it to the moment at which something is due next.': '移到下一件事到期的時刻。',
  'Let it stand still.': '停止時鐘。',
  'Let it run.': '讓時鐘運行。',
  'Whether moves wait until this follower says that it has arrived. Default: no.':
    '移動時鐘時，是否等這個跟隨者確認到達。預設：否。',
  'The `step` of the event.': '事件的 `step`。',
  'The signing key.': '簽章金鑰。',
  'IPv4 and IPv6 addresses and CIDR ranges it may call from. Default: any.':
    '可呼叫的 IPv4、IPv6 位址與 CIDR 網段。預設：不限。',
  'With orderNo: only what concerns that order, and the clock.': '與 orderNo 並用：只告知該訂單與時鐘的變動。',
  'With merchantNo: only what concerns that order, and the clock.': '與 merchantNo 並用：只告知該訂單與時鐘的變動。',
  'At most 30 characters.': '最多 30 個字元。',
};

/** What an operation does, in the reader's language. */
export function summaryIn(say: Say, operation: string, english: string): string {
  return say(english, OPERATIONS[operation] ?? english);
}

/** What a field of the OpenAPI document is, in the reader's language. */
export function descriptionIn(say: Say, english: string): string {
  if (english === WHAT_GOES_WRONG) return say(english, `發生什麼問題。\n\n${listFaults()}`);
  return say(english, DESCRIPTIONS[english] ?? english);
}

function listFaults(): string {
  return CATALOGUE.map(({ kind }) => `- \`${kind}\`：${sentenceOf(kind, 'zh-TW')}`).join('\n');
}
