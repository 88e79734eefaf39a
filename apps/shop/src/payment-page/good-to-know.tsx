import type { JSX } from 'preact';
import { useWording } from './language.js';
import { PrintButton } from './print-button.js';

/** Above this, an ATM is likely to refuse: banks in Taiwan let it move about so much in a day to an account not agreed before. */
const LARGE_FOR_ATM = 30_000;

/** What a payer asks before the transfer: limits, a fee, and whether the page has to stay open. */
export function GoodToKnow({ amount }: { readonly amount: number }): JSX.Element {
  const say = useWording();
  return (
    <section class="good-to-know">
      <h2>{say('轉帳前請留意', 'Good to know')}</h2>
      <ul>
        {amount > LARGE_FOR_ATM && (
          <li>
            <strong>
              {say(
                '這筆金額可能超過 ATM 的每日轉帳上限，請改用網路銀行或臨櫃。',
                'This may be more than an ATM transfers in a day: pay online or over the counter.',
              )}
            </strong>
          </li>
        )}
        <li>
          {say(
            '轉帳上限由您的銀行決定，ATM 的上限通常比網路銀行低。金額較大時，請先向銀行確認。',
            'Your bank sets the transfer limit, which is mostly lower at an ATM than online. Ask it before a large transfer.',
          )}
        </li>
        <li>
          {say(
            '跨行轉帳可能另收手續費，由您的銀行收取。請勿從金額中扣除。',
            'Your bank may charge a fee for a transfer to another bank. Do not take it off the amount.',
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
