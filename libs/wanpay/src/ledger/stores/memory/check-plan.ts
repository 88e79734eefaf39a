import type { CheckChange, CheckClaim, ClaimedChecks } from '../../store.js';
import { type Due, DueHeap, nextDue, OUT, takeDue } from './due-heap.js';
import { toMoment } from './moments.js';
import type { Order } from './order.js';

/** When an order is to be asked about. */
export class Check implements Due {
  place = OUT;
  due = 0;
  failures = 0;

  constructor(readonly order: Order) {}
}

/** The checks of all orders. */
export class CheckPlan {
  readonly #merchants = new Map<string, DueHeap<Check>>();

  change(order: Order, change: CheckChange): void {
    if (change === 'remove') this.remove(order);
    else if ('set' in change) this.set(order, toMoment(change.set.at), change.set.failures);
    else this.set(order, Math.min(order.check?.due ?? Infinity, toMoment(change.by)), order.check?.failures ?? 0);
  }

  remove(order: Order): void {
    if (order.check) this.heapOf(order.merchantNo).remove(order.check);
    order.check = undefined;
  }

  claim({ now, leaseUntil, limit, merchantNo }: CheckClaim): ClaimedChecks {
    const heaps = merchantNo === undefined ? [...this.#merchants.values()] : [this.heapOf(merchantNo)];
    const claimed = takeDue(heaps, now, limit);
    for (const { order, failures } of claimed) this.set(order, toMoment(leaseUntil), failures);
    const checks = claimed.flatMap(({ order, failures }) =>
      order.payment ? [{ payment: order.payment.unpack(order), failures }] : [],
    );
    const next = nextDue(heaps);
    return { checks, ...(next ? { nextDueAt: next } : {}) };
  }

  private set(order: Order, due: number, failures: number): void {
    order.check ??= new Check(order);
    order.check.failures = failures;
    this.heapOf(order.merchantNo).put(order.check, due);
  }

  private heapOf(merchantNo: string): DueHeap<Check> {
    const known = this.#merchants.get(merchantNo);
    if (known) return known;
    const heap = new DueHeap<Check>();
    this.#merchants.set(merchantNo, heap);
    return heap;
  }
}
