import { type Order, type OrderState, ORDER_STATES } from '../orders/order.js';

/** Which orders a person looks for. */
export interface OrderFilter {
  /** A part of the number or of the account, or the amount; empty for all. */
  readonly search: string;
  readonly state?: OrderState;
}

/** What the address of the page says. */
export function readFilter(search: string, state: string | undefined): OrderFilter {
  const known = ORDER_STATES.find((each) => each === state);
  return { search: search.trim(), ...(known ? { state: known } : {}) };
}

export function queryOf({ search, state }: OrderFilter): Record<string, string> {
  return { ...(search === '' ? {} : { q: search }), ...(state === undefined ? {} : { state }) };
}

/** Whether an order is looked for. */
export function matches(order: Order, { search, state }: OrderFilter): boolean {
  if (state !== undefined && order.state !== state) return false;
  const text = search.toUpperCase();
  const amount = /^(?:NT\$?)?\s*([\d,]+)$/.exec(text)?.[1]?.replaceAll(',', '');
  return (
    order.orderNo.toUpperCase().includes(text) ||
    order.account.number.includes(search.replace(/[\s-]/g, '')) ||
    [order.amount, order.transfer?.amount].some((each) => amount !== undefined && String(each) === amount)
  );
}
