import type { DeliveryChange, OrderChange } from '../store.js';
import type { Row } from './rows.js';

/** What a change does to a row, for stores that read it, lock it and write it again. */
export interface Progress {
  readonly version: number;
  readonly event_count: number;
  readonly next_check_at: Date | number | null;
  readonly check_failures: number;
}

/** Whether the change creates its order. One that expects a check finds no order that is not there. */
export function isCreation({ expectedVersion, expectedCheckAt, remove }: OrderChange): boolean {
  return expectedVersion === 0 && !expectedCheckAt && !remove;
}

/** Whether an order is still what a change of it expects. */
export function isExpectedOrder({ expectedVersion, expectedCheckAt }: OrderChange, row: Row): boolean {
  if (expectedVersion !== undefined && Number(row.version) !== expectedVersion) return false;
  return !expectedCheckAt || (row.next_check_at !== null && Number(row.next_check_at) === expectedCheckAt.getTime());
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

/** Whether a delivery is still what a change of it expects. */
export function isExpectedDelivery({ expectedClaim }: DeliveryChange, { state, claim }: Row): boolean {
  if (expectedClaim === undefined) return state !== 'claimed';
  return Number(claim) === expectedClaim && (state === 'pending' || state === 'claimed');
}
