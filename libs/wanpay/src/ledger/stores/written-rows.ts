import type { PaymentKey } from '../payment.js';
import { writeDocument } from '../record.js';
import type { DeliveryClaim, OrderChange, StoredOutcome } from '../store.js';
import type { StoredEvent } from '../stored-event.js';
import type { Row } from './rows.js';

/** What a column can be given. */
type Written = string | number | boolean | Date | undefined;

/** The columns of {@link outcomeRow} and {@link eventRow}, for databases that need no types beside them. */
export const OUTCOME_COLUMNS =
  'merchant_no, order_no, digest, source, from_state, to_state, first_seen_at, last_seen_at, `count`, outcome';
export const EVENT_COLUMNS = 'merchant_no, order_no, seq, id, type, occurred_at, livemode, details';

/**
 * What an outcome's row holds.
 *
 * @param digest as the database keeps it
 */
export function outcomeRow(
  { merchantNo, orderNo }: PaymentKey,
  { source, outcome, change, firstSeenAt, lastSeenAt, count, ...seen }: StoredOutcome,
  digest = seen.digest,
): readonly Written[] {
  const counted = [firstSeenAt, lastSeenAt, count, writeDocument(outcome)];
  return [merchantNo, orderNo, digest, source, change?.from, change?.to, ...counted];
}

/** What an event's row holds, beside whether it is kept for a subscriber to come. */
export function eventRow(
  { merchantNo, orderNo }: PaymentKey,
  { seq, id, type, occurredAt, livemode, details }: StoredEvent,
): readonly Written[] {
  return [merchantNo, orderNo, seq, id, type, occurredAt, livemode, writeDocument(details)];
}

/** The rows of the events of some changes, with whether they are kept, and those of their deliveries. */
export function recordedRows(
  changed: readonly { readonly change: OrderChange }[],
  subscriptions: readonly Row[],
): Readonly<{ events: readonly (readonly Written[])[]; deliveries: readonly (readonly (Written | null)[])[] }> {
  const recorded = eventsOf(changed).map(({ change, event }) => {
    const subscribed = subscriptions.filter(({ type }) => type === event.type);
    const { merchantNo, orderNo } = change;
    return {
      event: [...eventRow(change, event), subscribed.length === 0],
      deliveries: subscribed.map(({ number }) => [merchantNo, orderNo, event.seq, number, event.occurredAt]),
    };
  });
  return { events: recorded.map(({ event }) => event), deliveries: recorded.flatMap(({ deliveries }) => deliveries) };
}

/** The outcomes of some changes, each with its change. */
export function outcomesOf<Changed extends { readonly change: OrderChange }>(
  changed: readonly Changed[],
): readonly (Changed & { readonly outcome: StoredOutcome })[] {
  return changed.flatMap((each) => (each.change.outcomes ?? []).map((outcome) => ({ ...each, outcome })));
}

/** The events of some changes, each with its change. */
export function eventsOf<Changed extends { readonly change: OrderChange }>(
  changed: readonly Changed[],
): readonly (Changed & { readonly event: StoredEvent })[] {
  return changed.flatMap((each) => (each.change.events ?? []).map((event) => ({ ...each, event })));
}

/**
 * Adds to events until when their deliveries to the claim's subscriptions are claimed. Only the first event of each order is
 * claimed, up to the limit, because the others have to wait for it.
 */
export function withClaims<Recorded extends { readonly change: OrderChange; readonly event: StoredEvent }>(
  recorded: readonly Recorded[],
  { subscriptions, leaseUntil, limit }: DeliveryClaim,
): readonly (Recorded & { readonly claimedUntil?: Date | undefined })[] {
  let left = limit;
  return recorded.map((each) => {
    const { change, event } = each;
    if (event !== change.events?.[0]) return each;
    left -= subscriptions.filter(({ type }) => type === event.type).length;
    return left < 0 ? each : { ...each, claimedUntil: leaseUntil };
  });
}
