import { type IncomingMessage } from 'node:http';
import { type PaymentOptions } from '../bank/payment.js';
import { InvalidArgumentError } from '../errors.js';
import { readBody } from '../http/body.js';

/** What a form or a JSON body says, before it is known to make sense. */
export type DeskInput = Readonly<Record<string, unknown>>;

/** What is asked of the clock. */
export type ClockChange =
  { readonly kind: 'advance'; readonly ms: number } | { readonly kind: 'stop' } | { readonly kind: 'resume' };

/** Reads a form of the desk's pages; empty inputs are left out. */
export async function readDeskForm(request: IncomingMessage): Promise<DeskInput> {
  return Object.fromEntries([...new URLSearchParams(await readBody(request))].filter(([, value]) => value !== ''));
}

/**
 * Reads a JSON object; no body at all is an empty one.
 *
 * @throws InvalidArgumentError for anything else, a form that another page could send included
 */
export async function readJson(request: IncomingMessage): Promise<DeskInput> {
  const text = await readBody(request);
  if (text === '') return {};
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new InvalidArgumentError('The body', 'must be application/json.');
  }
  const value = parse(text);
  if (!isObject(value)) throw new InvalidArgumentError('The body', 'must be a JSON object.');
  return value;
}

/** @throws InvalidArgumentError naming the first field that is no payment's, or not of its type */
export function readPayment(input: DeskInput): PaymentOptions {
  assertOnly(input, ['amount', 'payerBankCode', 'payerAccount', 'again']);
  return {
    ...(input.amount === undefined ? {} : { amount: readNumber('amount', input.amount) }),
    ...(input.payerBankCode === undefined ? {} : { payerBankCode: readText('payerBankCode', input.payerBankCode) }),
    ...(input.payerAccount === undefined ? {} : { payerAccount: readText('payerAccount', input.payerAccount) }),
    ...(input.again === undefined ? {} : { again: readTrue('again', input.again) }),
  };
}

/** @throws InvalidArgumentError unless it asks for exactly one thing */
export function readClockChange(input: DeskInput): ClockChange {
  assertOnly(input, ['advanceSeconds', 'stop', 'resume']);
  if (Object.keys(input).length !== 1) {
    throw new InvalidArgumentError('The body', 'must hold one of advanceSeconds, stop and resume.');
  }
  if (input.advanceSeconds !== undefined) {
    return { kind: 'advance', ms: readNumber('advanceSeconds', input.advanceSeconds) * 1000 };
  }
  const kind = input.stop === undefined ? 'resume' : 'stop';
  readTrue(kind, input[kind]);
  return { kind };
}

function assertOnly(input: DeskInput, names: readonly string[]): void {
  const stranger = Object.keys(input).find((name) => !names.includes(name));
  if (stranger !== undefined) throw new InvalidArgumentError(stranger, `is not known; there are ${names.join(', ')}.`);
}

function readNumber(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError(name, 'must be a number.');
}

function readText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new InvalidArgumentError(name, 'must be text.');
}

function readTrue(name: string, value: unknown): true {
  if (value === true || value === 'true') return true;
  throw new InvalidArgumentError(name, 'must be true.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is DeskInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
