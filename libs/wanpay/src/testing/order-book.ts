import { TestOrderError } from './errors.js';

/** An order at the fake platform. */
export interface TestOrder {
  /** The instance of the module that opened it. */
  readonly instance: string;
  readonly merchantNo: string;
  readonly orderNo: string;
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  readonly description?: string;
  readonly state: 'unpaid' | 'paid' | 'failed' | 'closed';
  /** The last second in which the payer can pay in time. */
  readonly expiresAt: Date;
  /** Where the host asked to be notified. */
  readonly notificationUrl?: string;
  /** The latest transfer into its account, of whatever amount. */
  readonly transfer?: TestTransfer;
}

/** A transfer into an order's account. */
export interface TestTransfer {
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  readonly at: Date;
  /** The payer's bank, three digits. */
  readonly bankCode: string;
  /** The payer's account. */
  readonly account: string;
}

/** Tells orders of one number apart, where several merchants have it. */
export interface OrderChoice {
  /** Left out, the only merchant with such an order. */
  readonly merchantNo?: string | undefined;
}

/** The fake platform's orders, oldest first. */
export class OrderBook {
  readonly #orders = new Map<string, TestOrder>();

  get all(): readonly TestOrder[] {
    return [...this.#orders.values()];
  }

  find(merchantNo: string, orderNo: string): TestOrder | undefined {
    return this.#orders.get(keyOf({ merchantNo, orderNo }));
  }

  /** Records an order, or how one stands now. */
  save(order: TestOrder): TestOrder {
    this.#orders.set(keyOf(order), order);
    return order;
  }

  /** @throws TestOrderError when there is none, or several merchants have one */
  get(orderNo: string, { merchantNo }: OrderChoice = {}): TestOrder {
    const found = this.all.filter(
      (order) => order.orderNo === orderNo && (merchantNo === undefined || order.merchantNo === merchantNo),
    );
    const [order] = found;
    if (order && found.length === 1) return order;
    throw new TestOrderError(
      order
        ? `Several merchants have an order ${orderNo}: pass merchantNo, one of ${listOf(found, 'merchantNo')}.`
        : `The fake platform has no order ${orderNo}: have the host call createPayment first. It has ${listOf(this.all, 'orderNo')}.`,
    );
  }
}

function keyOf({ merchantNo, orderNo }: Pick<TestOrder, 'merchantNo' | 'orderNo'>): string {
  return JSON.stringify([merchantNo, orderNo]);
}

function listOf(orders: readonly TestOrder[], name: 'merchantNo' | 'orderNo'): string {
  return orders.map((order) => order[name]).join(', ') || 'none';
}
