import { isAmount, type Outcome, type Payer, readAmounts } from '../protocol/index.js';

/** One movement of money, as far as one message tells of it (3.1.2, 3.1.3). */
export interface Transfer {
  /** The amount as the platform wrote it; its unit is not certain. Empty where none that can be read was told. */
  readonly reportedAmount: string;
  /** Who paid, as far as the platform tells; the account is masked to its last five digits unless the host asked for all of it. */
  readonly payer?: Payer;
  /** When the payer paid. A query does not tell. */
  readonly transactedAt?: Date;
}

/** What became of a reported transfer among those that are known. */
export type Seen =
  /** Nobody told of it before. */
  | { readonly kind: 'new' }
  /** It is known, and nothing more was told. */
  | { readonly kind: 'known' }
  /** It is known, and now with more fields than before: the one at `index` is to be replaced by `transfer`. */
  | { readonly kind: 'completed'; readonly index: number; readonly transfer: Transfer };

type Comparison = 'equal' | 'different' | 'untold';

/** The transfer that a "paid" tells of; undefined when it tells no amount. */
export function transferOf(outcome: Outcome): Transfer | undefined {
  const transfer = anyTransferOf(outcome);
  return transfer?.reportedAmount ? transfer : undefined;
}

/** The transfer that a "paid" tells of, with or without an amount; undefined when it tells nothing by which to know it again. */
export function anyTransferOf({ reportedAmount = '', payer, transactedAt }: Outcome): Transfer | undefined {
  const told = isAmount(reportedAmount) ? reportedAmount : '';
  if (!told && !payer && !transactedAt) return undefined;
  const transfer: { -readonly [Name in keyof Transfer]: Transfer[Name] } = { reportedAmount: told };
  if (payer) transfer.payer = payer;
  if (transactedAt) transfer.transactedAt = transactedAt;
  return transfer;
}

/**
 * Looks a reported transfer up among those that are known.
 *
 * Two messages tell of one transfer when they contradict each other in no field: bank, account, time and amount. A field that
 * one of them does not tell is not compared. Of several that fit, the one with the most equal fields is meant.
 */
export function lookUp(known: readonly Transfer[], reported: Transfer): Seen {
  let index = -1;
  let most = 0;
  for (const [i, transfer] of known.entries()) {
    const compared = compare(transfer, reported);
    if (compared.includes('different')) continue;
    const equal = compared.filter((comparison) => comparison === 'equal').length;
    if (equal > most) [index, most] = [i, equal];
  }
  const found = known[index];
  if (!found) return { kind: 'new' };
  const transfer = complete(found, reported);
  return transfer === found ? { kind: 'known' } : { kind: 'completed', index, transfer };
}

/** A transfer as text: the same for the same message, so that an event's id can be made from it. */
export function transferName({ reportedAmount, payer, transactedAt }: Transfer): string {
  return JSON.stringify([reportedAmount, payer?.bankCode, payer?.account, transactedAt?.getTime()]);
}

function compare(a: Transfer, b: Transfer): readonly Comparison[] {
  return [
    compared(a.reportedAmount || undefined, b.reportedAmount || undefined, isSameAmount),
    compared(a.payer?.bankCode, b.payer?.bankCode, (one, other) => one === other),
    compared(a.payer?.account, b.payer?.account, isSameAccount),
    compared(a.transactedAt, b.transactedAt, (one, other) => secondOf(one) === secondOf(other)),
  ];
}

function compared<T>(a: T | undefined, b: T | undefined, isSame: (a: T, b: T) => boolean): Comparison {
  if (a === undefined || b === undefined) return 'untold';
  return isSame(a, b) ? 'equal' : 'different';
}

/** One message may count in dollars and the other in cents. */
function isSameAmount(a: string, b: string): boolean {
  const [one, other] = [readAmounts(a), readAmounts(b)];
  if (one.dollars === undefined || other.dollars === undefined) return a === b;
  return one.dollars === other.dollars || one.dollars === other.cents || one.cents === other.dollars;
}

/** One message may pad an account with zeros, and an account that is masked shows its last digits only. */
function isSameAccount(a: string, b: string): boolean {
  const [one, other] = [digitsOf(a), digitsOf(b)];
  return one.endsWith(other) || other.endsWith(one);
}

function digitsOf(account: string): string {
  return account.replaceAll(/\D/g, '');
}

function secondOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}

/** The known transfer with what only the report tells; the known one itself where that is nothing. */
function complete(known: Transfer, reported: Transfer): Transfer {
  const bankCode = known.payer?.bankCode ?? reported.payer?.bankCode;
  const account = known.payer?.account ?? reported.payer?.account;
  const transactedAt = known.transactedAt ?? reported.transactedAt;
  const isComplete =
    (known.reportedAmount !== '' || reported.reportedAmount === '') &&
    bankCode === known.payer?.bankCode &&
    account === known.payer?.account &&
    transactedAt === known.transactedAt;
  if (isComplete) return known;
  const payer = { ...(bankCode ? { bankCode } : {}), ...(account ? { account } : {}) };
  return {
    reportedAmount: known.reportedAmount || reported.reportedAmount,
    ...(bankCode || account ? { payer } : {}),
    ...(transactedAt ? { transactedAt } : {}),
  };
}
