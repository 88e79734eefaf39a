import type { JSX } from 'preact';
import { formatMoney, formatTime } from './format.js';
import { useWording } from './language.js';
import { isOverdue, type ShownPayment } from './payment.js';
import type { PaymentStatus } from './payment-status.js';

/** When there is nothing left to pay here. */
const AGAIN: ReadonlySet<string> = new Set(['failed', 'closed', 'expired']);

/** How a payment stands, and what the payer is to do now: in words, and in a colour that says nothing more. */
export function StatusMessage({ payment, now }: { readonly payment: ShownPayment; readonly now: Date }): JSX.Element {
  const { kind } = payment.status;
  const look = isOverdue(payment, now) ? 'expired' : kind;
  return (
    <div class={`payment-status ${look}`}>
      {isOverdue(payment, now) ? <OverdueMessage /> : <MessageOf payment={payment} />}
      {AGAIN.has(look) && <OrderAgain payment={payment} />}
    </div>
  );
}

function MessageOf({ payment }: { readonly payment: ShownPayment }): JSX.Element {
  const say = useWording();
  const { status } = payment;
  switch (status.kind) {
    case 'placed':
      return (
        <Message
          title={say('尚未取得轉帳帳號', 'No account yet')}
          advice={say('訂單已保留，請重試一次。', 'Your order is kept; please try once more.')}
        />
      );
    case 'pending':
      return (
        <Message
          title={say('等待轉帳', 'Waiting for your transfer')}
          advice={say(
            '請在期限前，把下列金額一次轉入這個帳號。',
            'Please transfer exactly this amount, in one go, before the deadline.',
          )}
        />
      );
    case 'paid':
      return (
        <>
          <PaidMessage {...status} />
          <ReceivedBesides payment={payment} />
        </>
      );
    case 'mismatched':
      return (
        <>
          <Message title={say('收到的金額與訂單不符', 'We received another amount')} />
          <Mismatch payment={payment} />
          <p>
            {say('請勿再次轉帳，我們會儘快與您聯絡。', 'Please do not transfer again; we will get in touch with you.')}
          </p>
        </>
      );
    case 'failed':
      return (
        <Message
          title={say('付款失敗', 'The payment failed')}
          advice={say('款項沒有入帳，請重新下單。', 'No money has arrived; please order again.')}
        />
      );
    case 'closed':
      return (
        <Message
          title={say('訂單已關閉', 'This order is closed')}
          advice={say(
            '請勿轉帳；若已轉帳，請與我們聯絡。',
            'Please do not transfer; if you have, get in touch with us.',
          )}
        />
      );
    case 'expired':
      return (
        <Message
          title={say('已超過繳費期限', 'The deadline has passed')}
          advice={say('請勿轉帳，歡迎重新下單。', 'Please do not transfer; you are welcome to order again.')}
        />
      );
  }
}

function PaidMessage({ paidAt, late, test }: Extract<PaymentStatus, { kind: 'paid' }>): JSX.Element {
  const say = useWording();
  return (
    <>
      <Message title={say('已付款，謝謝您', 'Paid, thank you')} />
      <p>
        <time dateTime={paidAt.toISOString()}>{formatTime(paidAt)}</time> {say('（台北時間）', '(Taipei time)')}
      </p>
      {late && <p>{say('款項於期限後入帳，我們照常處理。', 'The money came late; we took it all the same.')}</p>}
      {test && <p>{say('測試付款，不會出貨。', 'A test payment: nothing is shipped.')}</p>}
    </>
  );
}

function OrderAgain({ payment: { orderAgainUrl } }: { readonly payment: ShownPayment }): JSX.Element | null {
  const say = useWording();
  if (orderAgainUrl === undefined) return null;
  return (
    <p>
      <a href={orderAgainUrl}>{say('重新下單', 'Order again')}</a>
    </p>
  );
}

/** What came instead of the amount. */
function Mismatch({ payment: { amount, received = [] } }: { readonly payment: ShownPayment }): JSX.Element | null {
  const say = useWording();
  if (received.length === 0) return null;
  const [came, asked] = [listMoney(received, say('、', ', ')), formatMoney(amount)];
  return <p>{say(`收到 ${came}，訂單金額為 ${asked}。`, `We received ${came}; the order is for ${asked}.`)}</p>;
}

/** What came besides the money that paid. */
function ReceivedBesides({ payment: { received = [] } }: { readonly payment: ShownPayment }): JSX.Element | null {
  const say = useWording();
  if (received.length === 0) return null;
  const came = listMoney(received, say('、', ', '));
  return (
    <p>
      {say(
        `另外收到 ${came}，請勿再次轉帳；我們會與您聯絡退款。`,
        `We also received ${came}. Please do not transfer again; we will get in touch about the refund.`,
      )}
    </p>
  );
}

function listMoney(amounts: readonly number[], separator: string): string {
  return amounts.map(formatMoney).join(separator);
}

function OverdueMessage(): JSX.Element {
  const say = useWording();
  return (
    <Message
      title={say('期限已過', 'The deadline has passed')}
      advice={say(
        '請勿轉帳；我們正在確認是否有款項入帳。',
        'Please do not transfer; we are asking whether money has arrived.',
      )}
    />
  );
}

function Message({ title, advice }: { readonly title: string; readonly advice?: string }): JSX.Element {
  return (
    <>
      <p class="payment-status-title">{title}</p>
      {advice !== undefined && <p>{advice}</p>}
    </>
  );
}
