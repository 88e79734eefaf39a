import { type FaultOf } from '../faults/fault.js';
import { type FaultPlan } from '../faults/fault-plan.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type Fields } from '../platform/fields.js';
import { type Encoding } from './encoding.js';

/** How an attempt is written when it is not as it should be. */
export interface MessageStyle {
  readonly isWronglySigned?: boolean;
  /** Fields that the signature covers. */
  readonly extension?: Fields;
  /** Fields that it does not. */
  readonly unsignedExtension?: Fields;
  readonly oddAmount?: Pick<FaultOf<'odd-amount-notification'>, 'amount' | 'unit'>;
  readonly status?: string;
  readonly hasMilliseconds?: boolean;
  readonly isFolded?: boolean;
  readonly encoding?: Encoding;
  /** In place of the encoding's own; `none` for none. */
  readonly contentType?: string;
}

/** How the next attempt of an order is written: as the faults that are armed would have it. */
export function strikeStyle(faults: FaultPlan, ref: OrderRef): MessageStyle {
  const extended = faults.strike(['extended-notification'], ref);
  const encoded = faults.strike(['json-notification', 'numeric-status-notification', 'multipart-notification'], ref);
  const typed = faults.strike(['content-type-notification'], ref);
  const oddAmount = faults.strike(['odd-amount-notification'], ref);
  const oddStatus = faults.strike(['odd-status-notification'], ref);
  return {
    isWronglySigned: faults.strike(['wrongly-signed-notification'], ref) !== undefined,
    hasMilliseconds: faults.strike(['millisecond-timestamp-notification'], ref) !== undefined,
    isFolded: faults.strike(['folded-notification'], ref) !== undefined,
    ...(extended ? { [extended.unsigned ? 'unsignedExtension' : 'extension']: extended.fields } : {}),
    ...(oddAmount ? { oddAmount } : {}),
    ...(oddStatus ? { status: oddStatus.status } : {}),
    ...(encoded ? { encoding: encodingOf(encoded) } : {}),
    ...(typed ? { contentType: typed.contentType } : {}),
  };
}

type EncodingFault = FaultOf<'json-notification' | 'numeric-status-notification' | 'multipart-notification'>;

function encodingOf(fault: EncodingFault): Encoding {
  if (fault.kind === 'multipart-notification') return 'multipart';
  if (fault.kind === 'numeric-status-notification') return 'json with a numeric status';
  return fault.numbers ? 'json with numbers' : 'json';
}
