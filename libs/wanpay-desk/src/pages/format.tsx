import type { Payment, Transfer } from 'nestjs-wanpay';
import { formatTaipei, readAmounts } from 'nestjs-wanpay/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useText, useWording } from './language.js';
import { STATES } from './wording.js';

/** `NT$1,280` */
export function formatMoney(dollars: number): string {
  return `NT$${dollars.toLocaleString('en-US')}`;
}

/**
 * The amount that a transfer was reported with, which the platform writes in dollars or in cents: as the reading that is
 * nearest to what was asked.
 */
export function amountOf(reported: string, asked?: number): number | undefined {
  const { dollars, cents } = readAmounts(reported);
  if (dollars === undefined || cents === undefined || reported.includes('.')) return dollars ?? cents;
  if (asked === undefined) return cents;
  return Math.abs(dollars - asked) < Math.abs(cents - asked) ? dollars : cents;
}

/** A moment in Taipei. */
export function Moment({ at }: { readonly at: Date }): JSX.Element {
  return <time dateTime={at.toISOString()}>{formatTaipei(at)}</time>;
}

/** A reported amount, with what the platform wrote as a detail. */
export function Reported({
  reported,
  asked,
}: {
  readonly reported: string;
  readonly asked?: number | undefined;
}): JSX.Element {
  const say = useWording();
  const amount = amountOf(reported, asked);
  return (
    <>
      <strong>{amount === undefined ? say('金額不明', 'unknown amount') : formatMoney(amount)}</strong>{' '}
      <span class="raw">{say(`平台原文：${reported || '（空白）'}`, `as reported: ${reported || '(empty)'}`)}</span>
    </>
  );
}

/** Money that paid nothing. */
export function TransferFacts({
  transfer,
  asked,
}: {
  readonly transfer: Transfer;
  readonly asked?: number;
}): JSX.Element {
  const say = useWording();
  const { reportedAmount, payer, transactedAt } = transfer;
  return (
    <>
      <Reported reported={reportedAmount} asked={asked} />
      {payer && (
        <>
          {' '}
          {say('付款帳號 ', 'from ')}
          {[payer.bankCode, payer.account].filter((part) => part !== undefined).join('-')}
        </>
      )}
      {transactedAt && (
        <>
          {' '}
          <Moment at={transactedAt} />
        </>
      )}
    </>
  );
}

export function StateBadge({ state }: Pick<Payment, 'state'>): JSX.Element {
  const text = useText();
  return <span class={`badge ${state}`}>{text(STATES[state])}</span>;
}

/** A wide part that a narrow screen scrolls, by keyboard too. */
export function Scroll({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A part of a page that is read again while it is open, unless somebody is at it. */
export function Live({ id, children }: { readonly id: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div id={id} data-live>
      {children}
    </div>
  );
}
