import type { ClaimedDelivery } from '../ledger/deliveries.js';
import type { LogFields } from '../logging/structured-logger.js';

/** What a line about a delivery tells beside its text. */
export function fieldsOf({
  key: { merchantNo, orderNo },
  event: { id, type },
  handler,
  attempt,
}: ClaimedDelivery): LogFields {
  return { merchantNo, orderNo, eventId: id, eventType: type, handler, attempt };
}
