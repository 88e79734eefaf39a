/** The shop has no order of that number. */
export class UnknownOrderError extends Error {
  constructor(readonly orderNo: string) {
    super(`The shop has no order ${orderNo}.`);
  }
}

/** The number belongs to an order for something else. */
export class OrderNumberTakenError extends Error {
  constructor(readonly orderNo: string) {
    super(`Order ${orderNo} is for something else.`);
  }
}
