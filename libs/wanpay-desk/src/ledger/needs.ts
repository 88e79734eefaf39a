import type { Delivery, Payment, WanPayService } from 'nestjs-wanpay';
import type { HandlerStatus, ListedUnknownOrder } from 'nestjs-wanpay/ledger';

type Status = Awaited<ReturnType<WanPayService['status']>>;

/** How many things of each kind are counted, and listed on one page. */
const LIMIT = 50;
/** The kind of the records of {@link RetiredHandler}. */
export const RETIRED = 'retired';

/** A handler that somebody retired. */
export interface RetiredHandler {
  readonly handler: string;
  readonly by?: string | undefined;
  readonly at: Date;
}

/** Everything that needs a person, as far as one page shows it. */
export interface Needs {
  readonly payments: readonly Payment[];
  readonly unknownOrders: readonly ListedUnknownOrder[];
  readonly deadLetters: readonly Delivery[];
  /** Deliveries that were given up, over all handlers. */
  readonly deadCount: number;
  /** Handlers for which deliveries wait, and that no process has. */
  readonly orphans: readonly HandlerStatus[];
  /** Whether there is more than a page shows. */
  readonly isMore: boolean;
  readonly count: number;
  readonly status: Status;
}

/** Reads what needs a person. The counts come last, so that a delivery that a list shows is never left out of them for long. */
export async function readNeeds(wanpay: WanPayService): Promise<Needs> {
  const [{ payments, next: more }, { orders, next: moreOrders }, letters] = await Promise.all([
    wanpay.listPayments({ needsReview: true, limit: LIMIT }),
    wanpay.listUnknownOrders({ needsReview: true, limit: LIMIT }),
    wanpay.listDeliveries({ state: 'dead', limit: LIMIT }),
  ]);
  const status = await wanpay.status();
  const orphans = status.handlers.filter(({ isRunning, pending }) => !isRunning && pending > 0);
  const deadCount = status.handlers.reduce((sum, { dead }) => sum + dead, 0);
  return {
    payments,
    unknownOrders: orders,
    deadLetters: letters.deliveries,
    deadCount,
    orphans,
    isMore: (more ?? moreOrders ?? letters.next) !== undefined,
    count: payments.length + orders.length + deadCount + orphans.length,
    status,
  };
}

/** Why a payment needs a person. */
export type Reason = 'mismatch' | 'duplicate' | 'unclaimed' | 'taken' | 'lost';

/** Why a payment is on the list: money that paid nothing comes first. */
export function reasonOf({ state, account, otherTransfers = [], failure }: Payment): Reason {
  if (otherTransfers.length > 0) return state === 'paid' ? 'duplicate' : account ? 'mismatch' : 'unclaimed';
  return failure?.code === 'account_lost' ? 'lost' : 'taken';
}

/** The handlers that were retired last. */
export async function readRetired(wanpay: WanPayService): Promise<readonly RetiredHandler[]> {
  const records = await wanpay.listRecords({ kind: RETIRED, limit: 10 });
  return records.flatMap(({ at, document }) => {
    const kept: unknown = JSON.parse(document);
    return isRetired(kept) ? [{ handler: kept.handler, by: kept.by, at }] : [];
  });
}

function isRetired(value: unknown): value is Omit<RetiredHandler, 'at'> {
  return typeof value === 'object' && value !== null && 'handler' in value && typeof value.handler === 'string';
}
