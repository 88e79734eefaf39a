import type { MessageEvent } from '@nestjs/common';
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { concatMap, distinctUntilChanged, from, type Observable, skipWhile } from 'rxjs';
import { InLanguage, type Language } from './language.js';
import { type ShownPayment, versionOf } from './payment.js';
import { TransferPart } from './payment-panel.js';
import { StatusMessage } from './status-message.js';

interface LiveOptions {
  readonly language: Language;
  /** The version that the page shows, from `versionOf`. It is not sent again. */
  readonly seen: unknown;
  readonly now: () => Date;
  /** What `<PaymentPanel>` was given below the account. */
  readonly children?: ComponentChildren;
}

/**
 * The messages for a page with a `<PaymentPanel>`: the parts to swap at each change of the status and each further transfer.
 * Return it from a method with Nest's `@Sse()`.
 *
 * @param payments the payment as it is now, and then at each change
 */
export function livePayment(payments: Observable<ShownPayment>, options: LiveOptions): Observable<MessageEvent> {
  return payments.pipe(
    skipWhile((payment) => versionOf(payment) === options.seen),
    distinctUntilChanged((one, other) => versionOf(one) === versionOf(other)),
    concatMap((payment) => from(messagesOf(payment, options))),
  );
}

function messagesOf(payment: ShownPayment, { language, now, children }: LiveOptions): MessageEvent[] {
  const at = now();
  const render = (part: VNode): string =>
    renderToString(<InLanguage.Provider value={language}>{part}</InLanguage.Provider>);
  const transfer = (
    <TransferPart payment={payment} now={at}>
      {children}
    </TransferPart>
  );
  return [
    { type: 'status', data: render(<StatusMessage payment={payment} now={at} />) },
    { type: 'transfer', data: render(transfer) },
  ];
}
