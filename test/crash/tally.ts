/** How often an effect came about. */
export interface Tally {
  readonly effects: number;
  /** Paid orders without an effect. */
  readonly missing: number;
  /** Orders with more than one. */
  readonly doubled: number;
}

/** Counts the effects of orders that are paid. */
export function tally(orders: readonly string[], effects: readonly string[]): Tally {
  const counts = new Map<string, number>();
  for (const orderNo of effects) counts.set(orderNo, (counts.get(orderNo) ?? 0) + 1);
  return {
    effects: effects.length,
    missing: orders.filter((orderNo) => !counts.has(orderNo)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
  };
}
