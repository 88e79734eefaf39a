import type { ComponentChildren, JSX } from 'preact';
import { CopyAnnouncer } from './copy-button.js';
import { HowToPay } from './how-to-pay.js';
import { useWording } from './language.js';
import { GoodToKnow } from './good-to-know.js';
import { isOverdue, type ShownPayment } from './payment.js';
import { StatusMessage } from './status-message.js';
import { TransferDetails } from './transfer-details.js';

interface Panel {
  readonly payment: ShownPayment;
  readonly now: Date;
  /** Where the page hears of changes: what `livePayment` sends. */
  readonly liveUrl: string;
  /** The page's own address, where people without script look again. */
  readonly pageUrl: string;
  /** What the host adds below the account while money is awaited. */
  readonly children?: ComponentChildren;
}

/**
 * A payment, kept up to date without a reload. The two elements that htmx swaps into stay, so that screen readers, which
 * listen to the first, say what has changed.
 */
export function PaymentPanel({ payment, now, liveUrl, pageUrl, children }: Panel): JSX.Element {
  return (
    <section class="payment" hx-ext="sse" sse-connect={liveUrl}>
      <div role="status" sse-swap="status">
        <StatusMessage payment={payment} now={now} />
      </div>
      <div sse-swap="transfer">
        <TransferPart payment={payment} now={now}>
          {children}
        </TransferPart>
      </div>
      <CopyAnnouncer />
      {payment.status.kind !== 'paid' && <LookAgain pageUrl={pageUrl} />}
    </section>
  );
}

/** Where to pay, as long as money is awaited; afterwards nothing, so that nobody pays again. */
export function TransferPart({ payment, now, children }: Omit<Panel, 'liveUrl' | 'pageUrl'>): JSX.Element | null {
  const { account, amount, status } = payment;
  if (!account || status.kind !== 'pending' || isOverdue(payment, now)) return null;
  return (
    <>
      <TransferDetails account={account} amount={amount} now={now} />
      <GoodToKnow amount={amount} />
      {children}
      <HowToPay />
    </>
  );
}

function LookAgain({ pageUrl }: { readonly pageUrl: string }): JSX.Element {
  const say = useWording();
  return (
    <noscript>
      <p>
        <a href={pageUrl}>{say('轉帳後請按這裡重新查看', 'After your transfer, look again here')}</a>
      </p>
    </noscript>
  );
}
