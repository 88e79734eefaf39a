import { type Order, type OrderState } from './order.js';

/** A state on the wire (3.2.1): its code, and the platform's words for it. */
export interface OrderStatus {
  readonly code: string;
  readonly words: string;
}

const STATUSES: Readonly<Record<OrderState, OrderStatus>> = {
  unpaid: { code: '5801', words: '未支付' },
  paying: { code: '5804', words: '用戶支付中' },
  paid: { code: '0000', words: '支付成功' },
  failed: { code: '5805', words: '支付失敗' },
  closed: { code: '5803', words: '已關閉' },
};

/** What a query answers as `orderstatus`, and a notification as `status` and `result`. */
export function statusOf(order: Pick<Order, 'state'>): OrderStatus {
  return STATUSES[order.state];
}
