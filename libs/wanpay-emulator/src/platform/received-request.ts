import { type IncomingMessage } from 'node:http';
import { BodyTooLongError, readBody } from '../http/body.js';
import { beginning } from '../journal/kept.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type Fields } from './fields.js';
import { readForm } from './form.js';
import { badParameter, Refusal } from './reply.js';

/** More than any merchant or order number has. */
const MAX_NAME_LENGTH = 100;

/** A request as it came, before anything in it is believed. */
export interface ReceivedRequest {
  /** The address that it came from. */
  readonly source: string;
  readonly contentType: string;
  /** Empty when it was too long to read. */
  readonly body: string;
  /** Its fields, in the order in which they came; or why it has none. */
  readonly form: Fields | Refusal;
}

/** Reads a request. */
export async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const source = request.socket.remoteAddress ?? '';
  const contentType = request.headers['content-type'] ?? '';
  try {
    const body = await readBody(request);
    return { source, contentType, body, form: refusalAsValue(() => readForm(contentType, body)) };
  } catch (error) {
    if (!(error instanceof BodyTooLongError)) throw error;
    return { source, contentType, body: '', form: badParameter('內容過長') };
  }
}

/** The order that a request says it is about; a stranger may say anything. */
export function claimedOrder({ form }: ReceivedRequest): Partial<OrderRef> {
  if (form instanceof Refusal) return {};
  const { orgno, out_trade_no: orderNo } = form;
  return {
    ...(orgno ? { merchantNo: beginning(orgno, MAX_NAME_LENGTH) } : {}),
    ...(orderNo ? { orderNo: beginning(orderNo, MAX_NAME_LENGTH) } : {}),
  };
}

function refusalAsValue(read: () => Fields): Fields | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
