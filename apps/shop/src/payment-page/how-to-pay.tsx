import type { JSX } from 'preact';
import { useWording } from './language.js';

/** What to do at a machine, at home and over the counter. */
export function HowToPay(): JSX.Element {
  const say = useWording();
  return (
    <section class="how-to-pay">
      <h2>{say('怎麼轉帳', 'How to pay')}</h2>
      <Way
        title={say('在 ATM', 'At an ATM')}
        steps={[
          say('插入金融卡，選「轉帳」。', 'Insert your card and choose “Transfer” (轉帳).'),
          say('輸入銀行代碼，再輸入帳號，不含空格。', 'Enter the bank code, then the account without the spaces.'),
          say('輸入金額，確認後轉出，並保留明細表。', 'Enter the amount, confirm, and keep the receipt.'),
        ]}
        open
      />
      <Way
        title={say('網路銀行或行動銀行', 'By net banking or an app')}
        steps={[
          say(
            '登入後選「轉帳」，轉入「非約定帳號」。',
            'Log in, choose “Transfer”, to an account not agreed before (非約定帳號).',
          ),
          say('複製並貼上銀行代碼、帳號與金額。', 'Copy and paste the bank code, the account and the amount.'),
          say('確認後送出；即時轉帳通常幾分鐘內入帳。', 'Confirm and send; it usually arrives within minutes.'),
        ]}
      />
      <Way
        title={say('臨櫃匯款', 'Over the counter')}
        steps={[
          say(
            '在任一銀行填寫匯款單：銀行、分行、帳號與戶名。',
            'Fill in a remittance slip at any bank: bank, branch, account and holder.',
          ),
          say('金額須與訂單相同，手續費另計。', 'The amount must be the order’s; the bank’s fee comes on top.'),
          say(
            '銀行 15:30 後受理的匯款，可能次一營業日才入帳。',
            'What a bank takes after 15:30 may arrive on the next business day.',
          ),
        ]}
      />
    </section>
  );
}

interface WayToPay {
  readonly title: string;
  readonly steps: readonly string[];
  readonly open?: boolean;
}

function Way({ title, steps, open = false }: WayToPay): JSX.Element {
  return (
    <details open={open}>
      <summary>{title}</summary>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </details>
  );
}
