import type { Payment, WanPayService } from 'nestjs-wanpay';
import type { Period } from 'nestjs-wanpay/ledger';

/** Which columns of a statement hold what, by their places from 0. */
export interface StatementColumns {
  /** The order number, or else the virtual account. */
  readonly key: number;
  readonly by: 'orderNo' | 'accountNo';
  readonly amount: number;
}

/** A line of a statement beside the payment that it is about. */
export interface ComparedLine {
  readonly key: string;
  readonly amount?: number | undefined;
  readonly merchantNo?: string;
  readonly orderNo?: string;
  readonly expected?: number;
  readonly state?: string;
}

/** A statement beside the ledger. */
export interface Comparison {
  readonly matched: readonly ComparedLine[];
  /** On the statement, and of an amount or a state that is another one here. */
  readonly different: readonly ComparedLine[];
  /** On the statement alone. */
  readonly onlyThere: readonly ComparedLine[];
  /** Paid here in the period, and not on the statement. */
  readonly onlyHere: readonly ComparedLine[];
}

/** How long before it is paid a payment may have been opened: the longest account, and late money. */
const LOOK_BACK_MS = 62 * 86_400_000;
const PAGE = 1000;

/** Compares the lines of a statement with what was paid in a period. */
export async function compareStatement(
  wanpay: WanPayService,
  lines: readonly (readonly string[])[],
  { key, by, amount }: StatementColumns,
  period: Period,
): Promise<Comparison> {
  const keyOf = (payment: Payment): string => (by === 'orderNo' ? payment.orderNo : (payment.account?.number ?? ''));
  const paid = new Map<string, Payment>();
  for await (const payment of paidIn(wanpay, period)) paid.set(keyOf(payment), payment);
  const result = {
    matched: new Array<ComparedLine>(),
    different: new Array<ComparedLine>(),
    onlyThere: new Array<ComparedLine>(),
  };
  const seen = new Set<string>();
  for (const line of lines) {
    const name = (line[key] ?? '').replaceAll(/\s/g, '');
    const told = readAmount(line[amount] ?? '');
    // The heading, or a total.
    if (name === '' || told === undefined) continue;
    const payment = paid.get(name) ?? (await find(wanpay, name, by));
    const isRepeated = seen.has(name);
    seen.add(name);
    const compared = { key: name, amount: told, ...(payment ? aboutOf(payment) : {}) };
    const isSame = payment?.state === 'paid' && payment.amount === told && !isRepeated;
    result[payment ? (isSame ? 'matched' : 'different') : 'onlyThere'].push(compared);
  }
  const onlyHere = [...paid]
    .filter(([name]) => !seen.has(name))
    .map(([name, payment]) => ({ key: name, ...aboutOf(payment) }));
  return { ...result, onlyHere };
}

function aboutOf({ merchantNo, orderNo, amount, state }: Payment): Omit<ComparedLine, 'key'> {
  return { merchantNo, orderNo, expected: amount, state };
}

/** `NT$1,280.00` → 1280; undefined for what is no amount. */
export function readAmount(text: string): number | undefined {
  const digits = text.replace(/^(NT)?\$/i, '').replaceAll(/[,\s]/g, '');
  return /^\d{1,12}(\.0+)?$/.test(digits) ? Number(digits) : undefined;
}

async function find(wanpay: WanPayService, name: string, by: StatementColumns['by']): Promise<Payment | undefined> {
  if (name.length > 100) return undefined;
  if (by === 'accountNo') return (await wanpay.listPayments({ accountNo: name, limit: 1 })).payments[0];
  try {
    return await wanpay.getPayment(name);
  } catch {
    // Not a number that any order could have, or several merchants and none that is meant.
    return undefined;
  }
}

async function* paidIn(wanpay: WanPayService, { from, to }: Period): AsyncGenerator<Payment> {
  const createdFrom = new Date(from.getTime() - LOOK_BACK_MS);
  let after: string | undefined;
  do {
    const page = await wanpay.listPayments({ states: ['paid'], createdFrom, createdBefore: to, limit: PAGE, after });
    for (const payment of page.payments) {
      if (payment.paidAt && payment.paidAt >= from && payment.paidAt < to) yield payment;
    }
    after = page.next;
  } while (after !== undefined);
}
