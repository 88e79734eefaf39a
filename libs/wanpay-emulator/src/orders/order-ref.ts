/** What names an order: numbers are unique per merchant. */
export interface OrderRef {
  readonly merchantNo: string;
  readonly orderNo: string;
}

/** One text for an order's two names, which can hold any character. */
export function keyOf({ merchantNo, orderNo }: OrderRef): string {
  return JSON.stringify([merchantNo, orderNo]);
}

/** Whether both name the same order. */
export function isSameOrder(one: Partial<OrderRef>, other: OrderRef): boolean {
  return one.merchantNo === other.merchantNo && one.orderNo === other.orderNo;
}
