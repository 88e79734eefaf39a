import type { OrderChange, Payment } from 'nestjs-wanpay/ledger';
import { valueOf } from './draft.js';
import { NOW_SECONDS, type Pair, WINDOW_SECONDS } from './world.js';

type Outcome = NonNullable<OrderChange['outcomes']>[number]['outcome'];

/** `2026-03-02 09:56:02`: the one form of a time that is judged; others may be read or left out. */
const CIVIL_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;

/** The fields that count, as one text: without the signature, and without what is empty. */
export function textOfFields(fields: Iterable<readonly [string, unknown]>): string {
  const given = [...fields].filter(([name, value]) => name !== 'sign' && value !== '' && value !== null);
  given.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  // What is nested may be nested deeply.
  return JSON.stringify(given.map(([name, value]) => [name, typeof value === 'object' ? 'nested' : value]));
}

/** Whether an outcome says what was signed, and nothing else. */
export function isAsSigned(outcome: Outcome, signed: readonly Pair[]): boolean {
  const told = (name: string): string => valueOf(signed, name);
  return (
    isTimely(told('secondtimestamp')) &&
    isCode(outcome, told('status')) &&
    (outcome.reportedAmount ?? '') === told('total_fee') &&
    (outcome.payer?.bankCode ?? '') === told('bankno') &&
    (outcome.payer?.account ?? '') === told('acctno') &&
    isTime(outcome.transactedAt, told('orderdate'))
  );
}

/** Whether what was signed pays a payment. */
export function pays(signed: readonly Pair[], { amount }: Payment): boolean {
  const told = /^\s*0*(\d[\d,]*)(?:\.0+)?\s*$/.exec(valueOf(signed, 'total_fee'))?.[1]?.replaceAll(',', '');
  return (
    isTimely(valueOf(signed, 'secondtimestamp')) &&
    valueOf(signed, 'status').trim() === '0000' &&
    (told === String(amount) || told === `${amount}00`)
  );
}

function isTimely(told: string): boolean {
  const seconds = /^\d{13}$/.test(told) ? Number(told) / 1000 : Number(told);
  return /^\d+$/.test(told) && Math.abs(seconds - NOW_SECONDS) <= WINDOW_SECONDS;
}

/** Codes are cleaned and cut; what is none of the protocol's must be none afterwards. */
function isCode({ code, status }: Outcome, told: string): boolean {
  if (/^\w{1,10}$/.test(told)) return code === told;
  return status === 'unknown' || code === told.trim();
}

function isTime(read: Date | undefined, told: string): boolean {
  if (told === '') return read === undefined;
  const [, date, time] = CIVIL_TIME.exec(told) ?? [];
  if (date === undefined || time === undefined) return true;
  const moment = new Date(`${date}T${time}+08:00`).getTime();
  const isReal = moment > 0 && new Date(moment + 8 * 3_600_000).toISOString().startsWith(`${date}T${time}`);
  return isReal ? read?.getTime() === moment : read === undefined;
}
