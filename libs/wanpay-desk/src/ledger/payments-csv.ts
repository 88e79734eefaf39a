import type { Payment, WanPayService } from 'nestjs-wanpay';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import type { DeskLanguage } from '../desk.options.js';
import { inLanguage, type Wording } from '../pages/language.js';
import { STATES } from '../pages/wording.js';
import { csvFile } from './csv.js';
import { everyPayment, type Search } from './search.js';

type Column = readonly [Wording, (payment: Payment, language: DeskLanguage) => string | number | undefined];

const COLUMNS: readonly Column[] = [
  [{ chinese: '商戶編號', english: 'Merchant' }, ({ merchantNo }) => merchantNo],
  [{ chinese: '訂單編號', english: 'Order number' }, ({ orderNo }) => orderNo],
  [{ chinese: '狀態', english: 'State' }, ({ state }, language) => inLanguage(language, STATES[state])],
  [{ chinese: '金額', english: 'Amount' }, ({ amount }) => amount],
  [{ chinese: '下單時間', english: 'Placed' }, ({ createdAt }) => formatTaipei(createdAt)],
  [{ chinese: '繳費期限', english: 'Deadline' }, ({ account }) => account && formatTaipei(account.expiresAt)],
  [{ chinese: '付款時間', english: 'Paid' }, ({ paidAt }) => paidAt && formatTaipei(paidAt)],
  [{ chinese: '虛擬帳號', english: 'Account' }, ({ account }) => account?.number],
  [{ chinese: '付款銀行', english: 'Payer’s bank' }, ({ payer }) => payer?.bankCode],
  [{ chinese: '付款帳號', english: 'Payer’s account' }, ({ payer }) => payer?.account],
  [
    { chinese: '未入帳的款項', english: 'Money that paid nothing' },
    ({ otherTransfers = [] }) => otherTransfers.map(({ reportedAmount }) => reportedAmount).join(' ') || undefined,
  ],
  [{ chinese: '說明', english: 'Description' }, ({ description }) => description],
];

/** The list of a search as a file for accounting. */
export function paymentsCsv(wanpay: WanPayService, search: Search, language: DeskLanguage): AsyncGenerator<string> {
  async function* rows(): AsyncGenerator<readonly (string | number | undefined)[]> {
    for await (const payment of everyPayment(wanpay, search))
      yield COLUMNS.map(([, value]) => value(payment, language));
  }
  return csvFile(
    COLUMNS.map(([wording]) => inLanguage(language, wording)),
    rows(),
  );
}
