import { nameOf } from '../order-key.js';
import type { DeliveryChange, OrderChange, Subscription, SubscriptionChange } from '../store.js';
import type { Row } from './rows.js';

/** A change of an order, and the row that it applies to; none where it creates the order. */
export interface ChangedOrder {
  readonly change: OrderChange;
  readonly row?: Row;
  /** Whether the row was not read, but is as the change expects it or not at all. */
  readonly isAssumed?: true;
}

/** A change of a delivery, and its row. */
export interface ChangedDelivery {
  readonly change: DeliveryChange;
  readonly row: Row;
}

/** What a change does to a row, for stores that read it, lock it and write it again. */
export interface Progress {
  readonly version: number;
  readonly event_count: number;
  readonly next_check_at: Date | number | null;
  readonly check_failures: number;
}

/**
 * Whether a change's order has to be read before it is written. An order that is to be created seldom is there, and most
 * changes say all that need be known of their order and find it so. A first try takes that for granted.
 */
export function isToBeRead(change: OrderChange, tries: number): boolean {
  return tries > 1 || !(isCreation(change) || assumedRow(change));
}

/** The changes that apply, as far as is known: those whose orders were read and are as expected, and those that need no reading. */
export function changedOrders(
  changes: readonly OrderChange[],
  found: ReadonlyMap<string, Row>,
  tries: number,
): readonly ChangedOrder[] {
  return changes.flatMap((change): readonly ChangedOrder[] => {
    const assumed = tries === 1 ? assumedRow(change) : undefined;
    if (assumed) return [{ change, row: assumed, isAssumed: true }];
    const row = found.get(nameOf(change));
    if (isCreation(change)) return row ? [] : [{ change }];
    return row && isExpectedOrder(change, row) ? [{ change, row }] : [];
  });
}

/** What an order's columns are to hold, beside its content; without a row, those of one that is created. */
export function progressOf(
  { expectedVersion, firstVersion = 1, events = [], check }: OrderChange,
  row?: Row,
): Progress {
  const [planned, failures] = [row?.next_check_at ?? null, Number(row?.check_failures ?? 0)];
  const at = planned === null ? null : Number(planned);
  const head = {
    version: row ? Number(row.version) + (expectedVersion === undefined ? 0 : 1) : firstVersion,
    event_count: Number(row?.event_count ?? 0) + events.length,
  };
  if (check === 'remove') return { ...head, next_check_at: null, check_failures: 0 };
  if (!check) return { ...head, next_check_at: at, check_failures: failures };
  if ('set' in check) return { ...head, next_check_at: check.set.at, check_failures: check.set.failures };
  return {
    ...head,
    next_check_at: at === null ? check.by : Math.min(at, check.by.getTime()),
    check_failures: failures,
  };
}

/** The changes whose deliveries are as expected, with their rows. */
export function changedDeliveries(
  changes: readonly DeliveryChange[],
  rows: readonly Row[],
): readonly ChangedDelivery[] {
  const found = new Map(rows.map((row) => [[row.merchant_no, row.order_no, row.seq, row.handler].join('\n'), row]));
  return changes.flatMap((change) => {
    const row = found.get([change.merchantNo, change.orderNo, change.seq, change.handler].join('\n'));
    return row && isExpectedDelivery(change, row) ? [{ change, row }] : [];
  });
}

/**
 * What a delivery's row is to hold: `position`, `merchant_no`, `order_no`, `seq` and `subscription`, as they were, and `state`,
 * `due_at`, `attempts`, `failure` and `finished_at`.
 */
export function deliveryRow({ change, row }: ChangedDelivery): readonly (Row[string] | Date)[] {
  const { renew, state, dueAt, attempts = row.attempts, failure, finishedAt } = change;
  const key = [row.position, row.merchant_no, row.order_no, row.seq, row.subscription];
  if (renew) return [...key, 'claimed', dueAt, attempts, row.failure, row.finished_at];
  return [...key, state, dueAt, attempts, failure, finishedAt];
}

/** Whether a change of subscriptions changes none, and only asks for them. */
export function isRead({ retire, add = [], seen = [], adoptSince, backfill }: SubscriptionChange): boolean {
  return retire === undefined && add.length + seen.length === 0 && !adoptSince && !backfill;
}

/** Which of the subscriptions' rows are retired and which were seen, by their numbers, and what is to be added. */
export function changedSubscriptions(
  { retire, add = [], seen = [] }: SubscriptionChange,
  rows: readonly Row[],
): Readonly<{ retired: readonly Row[string][]; alive: readonly Row[string][]; added: readonly Subscription[] }> {
  const known = rows.filter(({ handler }) => handler !== retire);
  const isOf = ({ handler, type }: Subscription, row: Row): boolean => row.handler === handler && row.type === type;
  const added = new Map(add.map((each) => [`${each.handler}\n${each.type}`, each]));
  return {
    retired: rows.filter(({ handler }) => handler === retire).map(({ number }) => number),
    alive: known.filter((row) => [...add, ...seen].some((each) => isOf(each, row))).map(({ number }) => number),
    added: [...added.values()].filter((each) => !known.some((row) => isOf(each, row))),
  };
}

/** Whether the change creates its order. One that expects a check finds no order that is not there. */
function isCreation({ expectedVersion, expectedCheckAt, remove }: OrderChange): boolean {
  return expectedVersion === 0 && !expectedCheckAt && !remove;
}

/** The row that a change can only apply to, as far as it counts. */
function assumedRow({ expectedVersion, expectedCheckAt, ...change }: OrderChange): Row | undefined {
  const { remove, payment, unknown, check, events: [first] = [] } = change;
  const isWhole = (payment ?? unknown) && !remove && (check === 'remove' || (check && 'set' in check));
  if (!expectedVersion || expectedCheckAt || !isWhole || !first) return undefined;
  return { version: expectedVersion, event_count: first.seq };
}

function isExpectedOrder({ expectedVersion, expectedCheckAt }: OrderChange, row: Row): boolean {
  if (expectedVersion !== undefined && Number(row.version) !== expectedVersion) return false;
  return !expectedCheckAt || (row.next_check_at !== null && Number(row.next_check_at) === expectedCheckAt.getTime());
}

function isExpectedDelivery({ expectedClaim }: DeliveryChange, { state, claim }: Row): boolean {
  if (expectedClaim === undefined) return state !== 'claimed';
  return Number(claim) === expectedClaim && (state === 'pending' || state === 'claimed');
}
