import type { Outcome, Payer } from '../protocol/index.js';

/** How much of a payer's account the ledger keeps: its last five digits, by which merchants reconcile, or all of it. */
export type PayerAccountPolicy = 'masked' | 'full';

const KEPT_DIGITS = 5;

/** Takes out of an outcome what the ledger must not keep. */
export function redactOutcome(outcome: Outcome, policy: PayerAccountPolicy): Outcome {
  const account = outcome.payer?.account;
  if (policy === 'full' || account === undefined) return outcome;
  return { ...outcome, payer: { ...outcome.payer, account: maskAccount(account) } };
}

/** `0004123456789012` → `***********89012`. An account too short to hide anything is hidden whole. */
export function maskAccount(account: string): string {
  if (account.length <= KEPT_DIGITS) return '*'.repeat(account.length);
  // Joined, because it is kept: a concatenation would take twice as much memory.
  return ['*'.repeat(account.length - KEPT_DIGITS), account.slice(-KEPT_DIGITS)].join('');
}

/** Whether both tell of the same account, or neither tells of one. */
export function isSamePayer(a: Payer | undefined, b: Payer | undefined): boolean {
  return a?.bankCode === b?.bankCode && a?.account === b?.account;
}
