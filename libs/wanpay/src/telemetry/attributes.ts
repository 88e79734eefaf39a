import type { Attributes } from '@opentelemetry/api';
import type { Operation } from '../observation/observer.js';

/** What says whom or what a span is about. */
export type Identifier = 'merchantNo' | 'orderNo' | 'eventId';

const NAMES: Readonly<Record<Identifier, string>> = {
  merchantNo: 'wanpay.merchant.number',
  orderNo: 'wanpay.order.number',
  eventId: 'wanpay.event.id',
};

/** As OpenTelemetry calls whatever is not one of a few known values. */
const OTHER = '_OTHER';

/** What an operation's metrics tell of it, of which there are few combinations, and what only its span tells. */
export function attributesOf(
  operation: Operation,
  instance: string,
  identify: readonly Identifier[],
): { readonly measured: Attributes; readonly traced: Attributes } {
  const identifiers: Partial<Record<Identifier, string | undefined>> = operation.name === 'sweep' ? {} : operation;
  const known: Attributes = {};
  for (const name of identify) {
    const value = identifiers[name];
    if (value !== undefined) known[NAMES[name]] = value;
  }
  const traced = operation.name === 'delivery' ? { 'wanpay.delivery.attempt': operation.attempt } : {};
  return {
    measured: { 'wanpay.instance': instance, ...measuredOf(operation) },
    traced: { ...traced, ...known },
  };
}

function measuredOf(operation: Operation): Attributes {
  if (operation.name === 'delivery') {
    return { 'wanpay.handler': operation.handler, 'wanpay.event.type': operation.type };
  }
  return operation.name === 'platformRequest' ? { 'wanpay.platform.interface': operation.interface } : {};
}

/** The platform's code as it is, unless it is none: metrics have a row for each. */
export function platformCode(code: string): string {
  return /^\d{3,4}$/.test(code) ? code : OTHER;
}

/** An error's code, such as `platform_unreachable` or `ECONNREFUSED`, else its class. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return OTHER;
  return 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? error.code : error.name;
}
