import { describeFault } from '../faults/catalogue.js';
import { type FaultKind } from '../faults/fault.js';
import { type Language, type Say } from './language.js';

const FAULTS: Readonly<Record<FaultKind, string>> = {
  'code-reply': '以 HTTP 200 回覆 992、999 之類的代碼。',
  'http-error-reply': '回覆 HTTP 錯誤，就像平台前面的閘道那樣。',
  'body-reply': '以 HTTP 200 回覆任意內容。',
  'malformed-reply': '回覆的 JSON 缺少後半。',
  'cut-off-reply': '回覆到一半時連線中斷。',
  'lost-reply': '照請求執行，但連線中斷，沒有回覆。',
  'slow-reply': '回覆延遲（真實時間）。',
  'signed-reply': '回覆帶有簽章，而廠商的範例沒有。',
  'numeric-status-reply': '回覆的 status 是 JSON 數字。',
  'closing-reply': '回覆後關閉連線。',
  'dropped-connection': '重複使用的連線中斷，沒有回覆，也不執行請求。',
  'query-amount': '查詢回覆的金額採用這個單位，也可以是 JSON 數字。',
  'order-taken': '新的訂單編號已被他人使用（6307），其帳號可以付款。',
  'odd-deadline-reply': '下單回覆的期限採用其他格式，或省略。',
  'odd-account-reply': '下單回覆的帳號採用其他格式。',
  'long-account': '訂單的帳號有 16 碼，而不是 14 碼。',
  'payment-before-reply': '在回覆下單之前，訂單已付款且通知已送達。',
  'dropped-notification': '通知與它的重送都不送出：只能靠查詢得知。',
  'delayed-notification': '通知的第一次嘗試延後送出（依模擬器的時鐘）。',
  'out-of-order-notification': '通知的第一次嘗試，等到該商戶的另一則通知送出之後才送。',
  'doubled-notification': '同一次嘗試同時送出兩次。',
  'wrongly-signed-notification': '以錯誤的金鑰簽章。',
  'extended-notification': '多帶其他欄位，可以納入或不納入簽章。',
  'json-notification': '以 JSON 送出，數字可以寫成 JSON 數字。',
  'numeric-status-notification': '以 JSON 送出，status 為數字：0000 寫成 0。',
  'multipart-notification': '以 multipart/form-data 送出。',
  'content-type-notification': '使用其他 Content-Type，例如 charset=utf8，或不帶。',
  'odd-amount-notification': '金額採用不尋常的格式，或省略。',
  'millisecond-timestamp-notification': '時間戳記為毫秒：13 位數字。',
  'odd-status-notification': 'status 是協定沒有列出的值。',
  'folded-notification': '銀行代碼併入帳號欄位，簽章不變。',
  'lost-acknowledgement': '商戶的 success 在途中遺失，因此再次通知。',
  'second-transfer': '已付款的訂單再收到一筆轉帳，有自己的時間、銀行、帳號與金額。',
};

/** What a fault does, in a sentence. */
export function sentenceOf(kind: FaultKind, language: Language): string {
  return language === 'en' ? describeFault(kind) : FAULTS[kind];
}

/** What the platform's codes mean (3.2.1). */
export function codeIn(say: Say, code: string): string {
  const words: Readonly<Record<string, string>> = {
    '900': say('success', '成功'),
    '910': say('bad parameter', '參數錯誤'),
    '911': say('this address may not call', '來源未獲許可'),
    '913': say('unknown merchant or wrong signature', '商戶或簽章錯誤'),
    '993': say('no room for another order', '訂單已滿'),
    '5223': say('no such order', '查無訂單'),
    '6307': say('the order number is taken', '訂單編號已存在'),
    '0000': say('paid', '已付款'),
    '5803': say('closed', '已關閉'),
    '5805': say('failed', '付款失敗'),
  };
  return words[code] ?? '';
}

const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/^The signature is right, but must be in upper case\.$/, '簽章正確，但必須為大寫。'],
  [/^The values were URL-encoded before signing\.$/, '簽章前對值做了 URL 編碼。'],
  [/^The values were form-encoded before signing\.$/, '簽章前對值做了表單編碼。'],
  [/^The fields were not sorted by name, or empty ones were kept\.$/, '欄位沒有依名稱排序，或保留了空值欄位。'],
  [/^The fields were not sorted by name\.$/, '欄位沒有依名稱排序。'],
  [/^Empty fields were kept\.$/, '保留了空值欄位。'],
  [/^The key was appended without &key=\.$/, '金鑰之前缺少 &key=。'],
  [/^The key was appended without key=\.$/, '金鑰之前缺少 key=。'],
  [/^(\w+) was not signed: it was added or filled in afterwards\.$/, '$1 未納入簽章：是之後才加入或填寫的。'],
];

/** The mistake that explains a wrong signature. */
export function mistakeIn(say: Say, mistake: string | undefined): string {
  if (mistake === undefined) {
    return say(
      'No usual mistake explains the signature: it was made with another key, or a value changed afterwards.',
      '沒有常見錯誤可以解釋這個簽章：用了另一把金鑰，或之後改了值。',
    );
  }
  const [pattern, chinese] = MISTAKES.find(([each]) => each.test(mistake)) ?? [];
  return say(mistake, pattern && chinese !== undefined ? mistake.replace(pattern, chinese) : mistake);
}
