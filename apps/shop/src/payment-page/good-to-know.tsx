import type { JSX } from 'preact';
import { formatMoney } from './format.js';
import { useWording } from './language.js';
import { PrintButton } from './print-button.js';

/** What most banks let a customer move in a day to an account not agreed before: at a machine, and online. */
const ATM_LIMIT = 30_000;
const ONLINE_LIMIT = 50_000;
const ONLINE_DAY_LIMIT = 100_000;
/** The most that a transfer to another bank costs at most banks. */
const FEE = 15;

/** What a payer asks before the transfer: limits, the fee, and whether the page has to stay open. */
export function GoodToKnow({ amount }: { readonly amount: number }): JSX.Element {
  const say = useWording();
  const [atm, online, day, fee] = [ATM_LIMIT, ONLINE_LIMIT, ONLINE_DAY_LIMIT, FEE].map(formatMoney);
  return (
    <section class="good-to-know">
      <h2>{say('轉帳前請留意', 'Good to know')}</h2>
      <ul>
        {amount > ATM_LIMIT && (
          <li>
            <strong>
              {say(
                '金額超過多數 ATM 的每日上限，請用網路銀行或臨櫃。',
                'This is more than most ATMs transfer in a day: pay online or over the counter.',
              )}
            </strong>
          </li>
        )}
        <li>
          {say(
            `轉帳上限：多數銀行的非約定轉帳，ATM 每日 ${atm}，網路銀行每筆 ${online}、每日 ${day}。以您的銀行為準。`,
            `Transfer limit: most banks allow ${atm} a day at an ATM, and ${online} at once and ${day} a day online. Your bank decides.`,
          )}
        </li>
        <li>
          {say(
            `手續費：跨行轉帳由您的銀行另收，多為 ${fee} 以內。請勿從金額中扣除。`,
            `Fee: your bank charges a transfer to another bank separately, mostly ${fee} or less. Do not take it off the amount.`,
          )}
        </li>
        <li>
          {say(
            '您可以關閉這個頁面：款項入帳後，訂單會自動更新。保留網址就能再回來查看。',
            'You may close this page: the order is updated when the money arrives. Keep its address to come back.',
          )}
        </li>
      </ul>
      <PrintButton />
    </section>
  );
}
