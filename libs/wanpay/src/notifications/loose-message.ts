import type { Fields } from '../protocol/index.js';

/** What a message that was not believed, or could not be read, names at least. */
export interface LooseMessage {
  readonly merchantNo: string;
  readonly orderNo: string;
  /** All fields, where each is one text, so that a signature over them can be checked. */
  readonly fields?: Fields;
}

/** How a number of a merchant or an order looks that can have a payment here. */
const NUMBER = /^[0-9A-Za-z][0-9A-Za-z._-]{0,29}$/;
const IN_TEXT = { merchantNo: inText('orgno'), orderNo: inText('out_trade_no') };

/**
 * Whom a message is about, read as leniently as can be. Nothing in it is to be believed; undefined when it names nobody.
 *
 * @param body its fields, as far as they could be told
 * @param bytes its text, which is searched where the fields tell nothing
 */
export function readLoosely(body: unknown, bytes?: Buffer): LooseMessage | undefined {
  const message = typeof body === 'object' && body !== null ? fromFields(body) : undefined;
  return message ?? fromText(bytes);
}

/** Whom fields are about whose signature was checked already. */
export function readNumbers(body: unknown): LooseMessage | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  return named(
    'orgno' in body ? textOf(body.orgno) : undefined,
    'out_trade_no' in body ? textOf(body.out_trade_no) : undefined,
  );
}

function fromText(bytes: Buffer | undefined): LooseMessage | undefined {
  const text = bytes?.toString('latin1') ?? '';
  return named(IN_TEXT.merchantNo.exec(text)?.[1], IN_TEXT.orderNo.exec(text)?.[1]);
}

function fromFields(body: object): LooseMessage | undefined {
  const fields: Record<string, string> = {};
  let isFlat = true;
  for (const [name, value] of Object.entries(body)) {
    const text = textOf(Array.isArray(value) ? value[0] : value);
    if (text === undefined || Array.isArray(value) || name === '__proto__') isFlat = false;
    if (text !== undefined && name !== '__proto__') fields[name] = text;
  }
  const message = named(fields.orgno, fields.out_trade_no);
  return message && isFlat ? { ...message, fields } : message;
}

/** A value as it is signed; undefined when it is none of text, number and null. */
function textOf(value: unknown): string | undefined {
  if (value === null) return '';
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}

function named(merchantNo: string | undefined, orderNo: string | undefined): LooseMessage | undefined {
  const merchant = leading(merchantNo);
  const order = leading(orderNo);
  return merchant === undefined || order === undefined ? undefined : { merchantNo: merchant, orderNo: order };
}

/** A number, also where another field was folded into it. */
function leading(value = ''): string | undefined {
  const [number = ''] = value.trim().split('&', 1);
  return NUMBER.test(number) ? number : undefined;
}

/** Finds a field in a form, in JSON or in a multipart form, whole or not. */
function inText(name: string): RegExp {
  return new RegExp(
    `(?:^|[^0-9A-Za-z_])${name}(?:=|"\\s{0,4}:\\s{0,4}"?|"\\r?\\n(?:[^\\r\\n]{1,80}\\r?\\n){0,4}\\r?\\n)([0-9A-Za-z._-]{1,30})(?![0-9A-Za-z._-])`,
  );
}
