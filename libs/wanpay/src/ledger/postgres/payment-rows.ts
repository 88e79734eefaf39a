import type { AmountUnit, Payer, VirtualAccount } from '../../protocol/index.js';
import type { Payment, PaymentState } from '../payment.js';
import type { Row } from './database.js';
import type { RowColumn } from './row-set.js';

/** The columns of a payment, with their types. */
const COLUMNS = {
  merchant_no: 'text',
  order_no: 'text',
  state: 'text',
  amount: 'bigint',
  livemode: 'boolean',
  valid_days: 'integer',
  description: 'text',
  return_url: 'text',
  notification_url: 'text',
  account_number: 'text',
  bank_code: 'text',
  bank_name: 'text',
  branch_code: 'text',
  branch_name: 'text',
  account_holder: 'text',
  expires_at: 'timestamptz',
  payer_bank_code: 'text',
  payer_account: 'text',
  paid_at: 'timestamptz',
  amount_unit: 'text',
  mismatched_amounts: 'text[]',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
} as const;

/** A column that holds part of a payment. */
export type PaymentColumn = keyof typeof COLUMNS;
/** A payment as it is selected. */
export type PaymentRow = Row<PaymentColumn | 'version'>;

/** A payment as JSON that PostgreSQL reads as a row of {@link PAYMENT_DEFINITION}. */
export type PaymentRecord = Readonly<Record<PaymentColumn, unknown>>;

/** All of a payment's columns, in the order of {@link paymentDefinition}. */
export const PAYMENT_COLUMNS = Object.keys(COLUMNS).join(', ');
/** What reads {@link toRecord} with `jsonb_to_recordset`. */
export const PAYMENT_DEFINITION = Object.entries(COLUMNS)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');
/** The columns that settling a payment can change. */
export const SETTLED_COLUMNS: readonly RowColumn<Payment>[] = [
  { name: 'state', type: 'text', of: ({ state }) => state },
  { name: 'payer_bank_code', type: 'text', of: ({ payer }) => payer?.bankCode },
  { name: 'payer_account', type: 'text', of: ({ payer }) => payer?.account },
  { name: 'paid_at', type: 'timestamptz', of: ({ paidAt }) => paidAt },
  { name: 'amount_unit', type: 'text', of: ({ amountUnit }) => amountUnit },
  // PostgreSQL has no arrays of arrays of different lengths, so these come as JSON.
  {
    name: 'mismatched_amounts',
    type: 'text',
    of: ({ mismatchedAmounts: amounts }) => amounts && JSON.stringify(amounts),
  },
  { name: 'updated_at', type: 'timestamptz', of: ({ updatedAt }) => updatedAt },
];
/** The columns that issuing an account changes besides. */
export const ISSUED_COLUMNS: readonly RowColumn<Payment>[] = [
  { name: 'account_number', type: 'text', of: ({ account }) => account?.number },
  { name: 'bank_code', type: 'text', of: ({ account }) => account?.bankCode },
  { name: 'bank_name', type: 'text', of: ({ account }) => account?.bankName },
  { name: 'branch_code', type: 'text', of: ({ account }) => account?.branchCode },
  { name: 'branch_name', type: 'text', of: ({ account }) => account?.branchName },
  { name: 'account_holder', type: 'text', of: ({ account }) => account?.holder },
  { name: 'expires_at', type: 'timestamptz', of: ({ account }) => account?.expiresAt },
];
/** Assigns a column of {@link SETTLED_COLUMNS} or {@link ISSUED_COLUMNS} from the row of that name in `from`. */
export function assignment(column: string, from: string): string {
  if (column !== 'mismatched_amounts') return `${column} = ${from}.${column}`;
  const texts = `ARRAY(SELECT jsonb_array_elements_text(${from}.${column}::jsonb))`;
  return `${column} = CASE WHEN ${from}.${column} IS NOT NULL THEN ${texts} END`;
}

/** What reads a payment for {@link toPayment}: all as text, and moments in milliseconds, whatever the session's settings. */
export const PAYMENT_SELECTION = [...Object.entries(COLUMNS), ['version', 'bigint'] as const]
  .map(([column, type]) => `${asText(`p.${column}`, type)} AS ${column}`)
  .join(', ');

/** What selects a payment's fields by the names that they have in JSON; those that are null are to be left out. */
export const PAYMENT_FIELDS = `p.merchant_no AS "merchantNo", p.order_no AS "orderNo", p.state, p.amount, p.livemode,
  p.valid_days AS "validDays", p.description, p.return_url AS "returnUrl", p.notification_url AS "notificationUrl",
  CASE WHEN p.account_number IS NOT NULL THEN (SELECT f FROM (
    SELECT p.account_number AS number, p.bank_code AS "bankCode", p.bank_name AS "bankName", p.branch_code AS "branchCode",
      p.branch_name AS "branchName", p.account_holder AS holder, p.expires_at AS "expiresAt"
  ) f) END AS account,
  CASE WHEN p.payer_bank_code IS NOT NULL OR p.payer_account IS NOT NULL THEN (SELECT f FROM (
    SELECT p.payer_bank_code AS "bankCode", p.payer_account AS account
  ) f) END AS payer,
  p.paid_at AS "paidAt", p.amount_unit AS "amountUnit", p.mismatched_amounts AS "mismatchedAmounts",
  p.created_at AS "createdAt", p.updated_at AS "updatedAt"`;

/** A moment as text that {@link toDate} reads. */
export function millisecondsOf(column: string): string {
  return `round(extract(epoch FROM ${column}) * 1000)::bigint::text`;
}

/** Reads what {@link millisecondsOf} selected. */
export function toDate(milliseconds: string | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(Number(milliseconds));
}

/** Reads an array that was selected as JSON. */
export function toTexts(json: string | null): readonly string[] | undefined {
  const value: unknown = json === null ? undefined : JSON.parse(json);
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** Writes a payment. */
export function toRecord(payment: Payment): PaymentRecord {
  const { account, payer } = payment;
  return {
    merchant_no: payment.merchantNo,
    order_no: payment.orderNo,
    state: payment.state,
    amount: payment.amount,
    livemode: payment.livemode,
    valid_days: payment.validDays,
    description: payment.description,
    return_url: payment.returnUrl,
    notification_url: payment.notificationUrl,
    account_number: account?.number,
    bank_code: account?.bankCode,
    bank_name: account?.bankName,
    branch_code: account?.branchCode,
    branch_name: account?.branchName,
    account_holder: account?.holder,
    expires_at: account?.expiresAt,
    payer_bank_code: payer?.bankCode,
    payer_account: payer?.account,
    paid_at: payment.paidAt,
    amount_unit: payment.amountUnit,
    mismatched_amounts: payment.mismatchedAmounts,
    created_at: payment.createdAt,
    updated_at: payment.updatedAt,
  };
}

/** Reads a row of {@link PAYMENT_SELECTION}. */
export function toPayment(row: PaymentRow): Payment {
  return {
    merchantNo: row.merchant_no ?? '',
    orderNo: row.order_no ?? '',
    state: toState(row.state),
    amount: Number(row.amount),
    livemode: row.livemode === 'true',
    ...present('validDays', row.valid_days === null ? undefined : Number(row.valid_days)),
    ...present('description', row.description ?? undefined),
    ...present('returnUrl', row.return_url ?? undefined),
    ...present('notificationUrl', row.notification_url ?? undefined),
    ...present('account', toAccount(row)),
    ...present('payer', toPayer(row)),
    ...present('paidAt', toDate(row.paid_at)),
    ...present('amountUnit', toUnit(row.amount_unit)),
    ...present('mismatchedAmounts', toTexts(row.mismatched_amounts)),
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
  };
}

/** Where a payment can stand. */
export const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];

/** Reads a payment's state. */
export function toState(text: string | null): PaymentState {
  const state = STATES.find((known) => known === text);
  if (state) return state;
  throw new TypeError(`The ledger holds a payment in a state that this code does not know: ${String(text)}.`);
}

function toAccount(row: PaymentRow): VirtualAccount | undefined {
  const { account_number: number, bank_code, bank_name, branch_code, branch_name, account_holder } = row;
  const expiresAt = toDate(row.expires_at);
  if (number === null || !expiresAt) return undefined;
  return {
    number,
    bankCode: bank_code ?? '',
    bankName: bank_name ?? '',
    branchCode: branch_code ?? '',
    branchName: branch_name ?? '',
    holder: account_holder ?? '',
    expiresAt,
  };
}

function toPayer({ payer_bank_code, payer_account }: PaymentRow): Payer | undefined {
  if (payer_bank_code === null && payer_account === null) return undefined;
  return {
    ...present('bankCode', payer_bank_code ?? undefined),
    ...present('account', payer_account ?? undefined),
  };
}

function toUnit(text: string | null): AmountUnit | undefined {
  return text === 'dollars' || text === 'cents' ? text : undefined;
}

function asText(column: string, type: string): string {
  if (type === 'timestamptz') return millisecondsOf(column);
  return type === 'text[]' ? `to_json(${column})::text` : `${column}::text`;
}

/** A field that is left out when there is nothing in it. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Readonly<Partial<Record<Name, Value>>> {
  const field: Partial<Record<Name, Value>> = {};
  if (value !== undefined) field[name] = value;
  return field;
}
