import { InvalidArgumentError } from '../errors.js';
import { AMOUNT_SHAPES, type AmountShape, type AmountUnit } from '../orders/amount.js';
import { ACCOUNT_SHAPES, type AccountShape, DEADLINE_SHAPES, type DeadlineShape } from '../platform/acceptance.js';
import { type Fields } from '../platform/fields.js';
import { type Fault, type FaultKind, type InterfaceName } from './fault.js';

/** A fault as it is written in JSON or in a form: its kind, and of the rest whatever the kind needs. */
export interface FaultInput {
  readonly kind: string;
  readonly at?: InterfaceName;
  readonly code?: string;
  readonly info?: string;
  readonly httpStatus?: number;
  readonly body?: string;
  readonly afterActing?: boolean;
  readonly delayMs?: number;
  readonly delaySeconds?: number;
  readonly wrongly?: boolean;
  readonly unit?: AmountUnit;
  readonly fields?: Fields;
  readonly unsigned?: boolean;
  readonly numbers?: boolean;
  readonly contentType?: string;
  readonly amount?: AmountShape;
  readonly deadline?: DeadlineShape;
  readonly account?: AccountShape;
  readonly status?: string;
  readonly payerBankCode?: string;
  readonly payerAccount?: string;
  readonly paidAmount?: number | undefined;
}

const CHARSET_WITHOUT_HYPHEN = 'application/x-www-form-urlencoded; charset=utf8';
const MAX_DELAY_MS = 3_600_000;
const MAX_DELAY_SECONDS = 30 * 86_400;

type Reader = (input: FaultInput) => Fault;

/** How each kind is read: the one list of all kinds there are. */
const READERS: Readonly<Record<FaultKind, Reader>> = {
  'code-reply': (input) => ({
    kind: 'code-reply',
    ...inPlace(input),
    code: matching('code', input.code, /^\d{3,4}$/, 'three or four digits'),
    ...(input.info === undefined ? {} : { info: input.info }),
  }),
  'http-error-reply': (input) => ({
    kind: 'http-error-reply',
    ...inPlace(input),
    httpStatus: whole('httpStatus', input.httpStatus ?? 500, 400, 599),
    ...(input.body === undefined ? {} : { body: input.body }),
  }),
  'body-reply': (input) => ({ kind: 'body-reply', ...inPlace(input), body: input.body ?? '' }),
  'malformed-reply': (input) => ({ kind: 'malformed-reply', at: place(input) }),
  'cut-off-reply': (input) => ({ kind: 'cut-off-reply', at: place(input) }),
  'lost-reply': (input) => ({ kind: 'lost-reply', at: place(input) }),
  'slow-reply': (input) => ({
    kind: 'slow-reply',
    at: place(input),
    delayMs: whole('delayMs', input.delayMs ?? 5_000, 1, MAX_DELAY_MS),
  }),
  'signed-reply': (input) => ({
    kind: 'signed-reply',
    at: place(input),
    ...(input.wrongly ? { wrongly: true } : {}),
  }),
  'numeric-status-reply': (input) => ({ kind: 'numeric-status-reply', at: place(input) }),
  'closing-reply': (input) => ({ kind: 'closing-reply', at: place(input) }),
  'dropped-connection': (input) => ({ kind: 'dropped-connection', at: place(input) }),
  'query-amount': ({ unit = 'cents', numbers }) => ({ kind: 'query-amount', unit, ...(numbers ? { numbers } : {}) }),
  'order-taken': () => ({ kind: 'order-taken' }),
  'odd-deadline-reply': ({ deadline = 'slashes' }) => ({
    kind: 'odd-deadline-reply',
    deadline: oneOf('deadline', deadline, DEADLINE_SHAPES),
  }),
  'odd-account-reply': ({ account = 'spaced' }) => ({
    kind: 'odd-account-reply',
    account: oneOf('account', account, ACCOUNT_SHAPES),
  }),
  'long-account': () => ({ kind: 'long-account' }),
  'payment-before-reply': () => ({ kind: 'payment-before-reply' }),
  'dropped-notification': () => ({ kind: 'dropped-notification' }),
  'delayed-notification': ({ delaySeconds = 60 }) => ({
    kind: 'delayed-notification',
    delaySeconds: whole('delaySeconds', delaySeconds, 1, MAX_DELAY_SECONDS),
  }),
  'out-of-order-notification': () => ({ kind: 'out-of-order-notification' }),
  'doubled-notification': () => ({ kind: 'doubled-notification' }),
  'wrongly-signed-notification': () => ({ kind: 'wrongly-signed-notification' }),
  'extended-notification': ({ fields = { extension: 'new' }, unsigned }) => ({
    kind: 'extended-notification',
    fields: extension(fields),
    ...(unsigned ? { unsigned } : {}),
  }),
  'json-notification': ({ numbers }) => ({ kind: 'json-notification', ...(numbers ? { numbers } : {}) }),
  'numeric-status-notification': () => ({ kind: 'numeric-status-notification' }),
  'multipart-notification': () => ({ kind: 'multipart-notification' }),
  'content-type-notification': ({ contentType = CHARSET_WITHOUT_HYPHEN }) => ({
    kind: 'content-type-notification',
    contentType: matching('contentType', contentType, /^[\x20-\x7e]{1,200}$/, '1 to 200 visible ASCII characters'),
  }),
  'odd-amount-notification': ({ amount = 'separated', unit = 'dollars' }) => ({
    kind: 'odd-amount-notification',
    amount: oneOf('amount', amount, AMOUNT_SHAPES),
    unit,
  }),
  'millisecond-timestamp-notification': () => ({ kind: 'millisecond-timestamp-notification' }),
  'odd-status-notification': ({ status = '5899' }) => ({
    kind: 'odd-status-notification',
    status: matching('status', status, /^\w{1,4}$/, 'one to four letters or digits'),
  }),
  'folded-notification': () => ({ kind: 'folded-notification' }),
  'lost-acknowledgement': () => ({ kind: 'lost-acknowledgement' }),
  'second-transfer': ({ delaySeconds = 0, payerBankCode = '812', payerAccount = '0000987654321098', paidAmount }) => ({
    kind: 'second-transfer',
    delaySeconds: whole('delaySeconds', delaySeconds, 0, MAX_DELAY_SECONDS),
    payerBankCode: matching('payerBankCode', payerBankCode, /^\d{3}$/, 'three digits'),
    payerAccount: matching('payerAccount', payerAccount, /^\d{1,16}$/, '1 to 16 digits'),
    ...(paidAmount === undefined ? {} : { paidAmount: whole('paidAmount', paidAmount, 1, Number.MAX_SAFE_INTEGER) }),
  }),
};

/** Every kind of fault, those of replies first. */
export const FAULT_KINDS: readonly string[] = Object.keys(READERS);

/** Whether there is such a kind. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(READERS, text);
}

/**
 * Checks a fault, fills its defaults in and leaves out what its kind does not need.
 *
 * @throws InvalidArgumentError naming the first part that cannot be
 */
export function readFault(input: FaultInput): Fault {
  if (!isFaultKind(input.kind)) throw new InvalidArgumentError('kind', `must be one of ${FAULT_KINDS.join(', ')}.`);
  return READERS[input.kind](input);
}

function place({ at = 'order' }: FaultInput): InterfaceName {
  return at;
}

function inPlace(input: FaultInput): { at: InterfaceName; afterActing?: boolean } {
  return { at: place(input), ...(input.afterActing ? { afterActing: true } : {}) };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(name, `must be a whole number from ${least} to ${most}.`);
}

function matching(name: string, value: string | undefined, pattern: RegExp, what: string): string {
  if (value !== undefined && pattern.test(value)) return value;
  throw new InvalidArgumentError(name, `must be ${what}.`);
}

function oneOf<T extends string>(name: string, value: T, all: readonly T[]): T {
  if (all.includes(value)) return value;
  throw new InvalidArgumentError(name, `must be one of ${all.join(', ')}.`);
}

/** Extension fields may not take the place of the protocol's own. */
function extension(fields: Fields): Fields {
  const names = Object.keys(fields);
  const wrong = names.find((name) => !/^\w{1,32}$/.test(name) || name in OWN_FIELDS);
  if (names.length === 0 || wrong !== undefined) {
    throw new InvalidArgumentError(
      'fields',
      'must be named by 1 to 32 letters, digits or _, and not as a known field.',
    );
  }
  return fields;
}

const OWN_FIELDS: Fields = {
  orgno: '',
  secondtimestamp: '',
  nonce_str: '',
  sign: '',
  out_trade_no: '',
  status: '',
  result: '',
  total_fee: '',
  orderdate: '',
  bankno: '',
  acctno: '',
};
