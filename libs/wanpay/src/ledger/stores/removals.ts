import type { PaymentKey } from '../payment.js';
import { type Condition, isOf } from './conditions.js';

/** The statements that delete orders with all their rows. */
export function removals(keys: readonly PaymentKey[]): readonly Condition[] {
  if (keys.length === 0) return [];
  return ['deliveries', 'events', 'outcomes', 'orders'].map((name) => {
    const { sql, values } = isOf(`wanpay_${name}`, keys);
    return { sql: `DELETE FROM wanpay_${name} WHERE ${sql}`, values };
  });
}
