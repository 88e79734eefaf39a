import type { OrderChange, Payment } from 'nestjs-wanpay/ledger';
import { valueOf } from './draft.js';
import { textOf as textToSign } from './signature.js';
import { NOW_SECONDS, type Pair, WINDOW_SECONDS } from './world.js';

type Outcome = NonNullable<OrderChange['outcomes']>[number]['outcome'];

/** `2026-03-02 09:56:02`: the one form of a time that is judged; others may be read or left out. */
const CIVIL_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;

/** The fields of a message, as a host's guards see them. */
export type Entries = readonly (readonly [name: string, value: unknown])[];

/** Whether what was read is what was signed, field by field. */
export function isSameMessage(read: Entries, signed: readonly Pair[]): boolean {
  const fields = read.map(([name, value]): Pair => [name, textOf(value)]);
  if (textOfFields(fields) === textOfFields(signed)) return true;
  // The platform signed what reads as several messages; which of them it meant can't be told.
  return signed.some(isAmbiguous) && textToSign(fields) === textToSign(signed);
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

/** Without the signature, and without what is empty. */
function textOfFields(fields: readonly Pair[]): string {
  const given = fields.filter(([name, value]) => name !== 'sign' && value !== '');
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Where a host's own parser has read the body, numbers are numbers. */
function textOf(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'nested';
}

function isAmbiguous([name, value]: Pair): boolean {
  return /[&=]/.test(name) || /&[^&=]+=/.test(value);
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
