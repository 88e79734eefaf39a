import type { Delivery, WanPayService } from 'nestjs-wanpay';
import type { DeliveryPage, HandlerStatus } from 'nestjs-wanpay/ledger';

/** How many deliveries wait, run or were given up, over all handlers. */
export interface Outstanding {
  /** Those that wait or run. */
  readonly pending: number;
  readonly dead: number;
}

/** What the page of dead letters shows. */
export interface Undelivered extends Outstanding {
  /** A page of those that were given up. */
  readonly letters: DeliveryPage;
  /** The newest of those that wait or run. */
  readonly underWay: readonly Delivery[];
}

/** Sums up what the handlers still have to take. */
export function countOutstanding(handlers: readonly HandlerStatus[]): Outstanding {
  return {
    pending: handlers.reduce((total, { pending }) => total + pending, 0),
    dead: handlers.reduce((total, { dead }) => total + dead, 0),
  };
}

/** Reads what was not delivered. The counts come last, so that a delivery that a list shows is never left out of them for long. */
export async function readUndelivered(wanpay: WanPayService, after: string | undefined): Promise<Undelivered> {
  const [letters, running, pending] = await Promise.all([
    wanpay.listDeliveries({ state: 'dead', ...(after ? { after } : {}) }),
    wanpay.listDeliveries({ state: 'running' }),
    wanpay.listDeliveries({ state: 'pending' }),
  ]);
  const underWay = [...running.deliveries, ...pending.deliveries];
  return { letters, underWay, ...countOutstanding(await wanpay.handlers()) };
}
