import type { VirtualAccount } from 'nestjs-wanpay/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { Chinese } from './chinese.js';
import { CopyButton } from './copy-button.js';
import { Deadline } from './deadline.js';
import { formatAccount, formatMoney } from './format.js';
import { useWording } from './language.js';

interface Transfer {
  readonly account: VirtualAccount;
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  readonly now: Date;
}

/** Where to transfer how much, and until when: each as a person types it in, and as a machine takes it when copied. */
export function TransferDetails({ account, amount, now }: Transfer): JSX.Element {
  const say = useWording();
  const { bankCode, bankName, branchName, number, holder, expiresAt } = account;
  return (
    <dl class="transfer">
      <Row name={say('金額', 'Amount')} copy={String(amount)} wide>
        {formatMoney(amount)}
      </Row>
      <Row name={say('銀行代碼', 'Bank code')} copy={bankCode}>
        {bankCode}
      </Row>
      <Row name={say('帳號', 'Account')} copy={number} wide>
        {formatAccount(number)}
      </Row>
      <Row name={say('銀行', 'Bank')}>
        <Chinese>{`${bankName} ${branchName}`}</Chinese>
      </Row>
      <Row name={say('戶名', 'Account holder')}>
        <Chinese>{holder}</Chinese>
      </Row>
      <Row name={say('繳費期限', 'Deadline')}>
        <Deadline at={expiresAt} now={now} />
      </Row>
    </dl>
  );
}

interface RowContent {
  readonly name: string;
  readonly children: ComponentChildren;
  /** What a button beside it copies. */
  readonly copy?: string;
  /** Whether it is what people came for, and so set large. */
  readonly wide?: boolean;
}

function Row({ name, children, copy, wide = false }: RowContent): JSX.Element {
  return (
    <div class={wide ? 'wide' : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {copy !== undefined && (
        <dd class="action">
          <CopyButton text={copy} what={name} />
        </dd>
      )}
    </div>
  );
}
