import { WanPayEmulator } from '../emulator.js';
import { type Order, type OrderState } from '../orders/order.js';

/** What a payment is expected to be, as far as it matters. */
export interface ExpectedPayment {
  /** Whole New Taiwan dollars. Default: what the order asks for. */
  readonly amount?: number | undefined;
  /** Three digits. Default: any. */
  readonly payerBankCode?: string | undefined;
}

/** What is expected of an order's notifications, as far as it matters. */
export interface ExpectedNotification {
  /** How many attempts there were. Default: at least one. */
  readonly times?: number | undefined;
  /** Whether the last attempt was acknowledged. Default: yes. */
  readonly acknowledged?: boolean | undefined;
}

/** What a matcher answers to Jest and Vitest. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * The matchers as a test framework's types know them. Vitest and `@types/jest` do so once this is imported; for `expect` of
 * `@jest/globals`, import from `wanpay-emulator/testing/jest-globals` instead.
 */
export interface WanPayMatchers<R = unknown> {
  /** `expect(emulator.order('A1')).toBePaid()`: it is paid, with the amount that it asks for. */
  toBePaid(expected?: ExpectedPayment): R;
  /** `expect(emulator.order('A1')).toBeInState('closed')`. */
  toBeInState(state: OrderState): R;
  /** `expect(emulator).toHaveNotified('A1')`: the order's merchant was told of its result, and said `success`. */
  toHaveNotified(orderNo: string, expected?: ExpectedNotification): R;
}

declare global {
  // Vitest reads these as well, so no framework has to be imported, and none has to be there.
  namespace jest {
    interface Matchers<R> extends WanPayMatchers<R> {}
  }
}

/** Matchers for Jest and Vitest: `expect.extend(wanpayMatchers)`. */
export const wanpayMatchers = {
  toBePaid(received: unknown, expected: ExpectedPayment = {}): Verdict {
    const order = assertOrder('toBePaid', received);
    const { amount = order.amount, payerBankCode = order.transfer?.payerBankCode } = expected;
    const isAsExpected = order.transfer?.amount === amount && order.transfer.payerBankCode === payerBankCode;
    const wanted = `paid with NT$${amount}${expected.payerBankCode ? ` from bank ${expected.payerBankCode}` : ''}`;
    return verdict(order.state === 'paid' && isAsExpected, describe(order), wanted);
  },

  toBeInState(received: unknown, state: OrderState): Verdict {
    const order = assertOrder('toBeInState', received);
    return verdict(order.state === state, describe(order), state);
  },

  toHaveNotified(received: unknown, orderNo: string, expected: ExpectedNotification = {}): Verdict {
    if (!(received instanceof WanPayEmulator)) throw new TypeError('toHaveNotified is for a WanPayEmulator.');
    const attempts = received.notifications().filter((attempt) => attempt.orderNo === orderNo);
    const { times = Math.max(1, attempts.length), acknowledged = true } = expected;
    const isAcknowledged = attempts.at(-1)?.acknowledged ?? false;
    return verdict(
      attempts.length === times && isAcknowledged === acknowledged,
      `Order ${orderNo} was notified ${attempts.length} times and ${acknowledgement(isAcknowledged)}`,
      `notified ${expected.times === undefined ? 'at least once' : `${times} times`} and ${acknowledgement(acknowledged)}`,
    );
  },
};

function verdict(pass: boolean, actual: string, wanted: string): Verdict {
  return { pass, message: () => `${actual}; it was expected ${pass ? 'not ' : ''}to be ${wanted}.` };
}

function describe({ orderNo, state, transfer }: Order): string {
  const payment = transfer ? ` with NT$${transfer.amount} from bank ${transfer.payerBankCode}` : '';
  return `Order ${orderNo} is ${state}${payment}`;
}

function acknowledgement(isAcknowledged: boolean): string {
  return isAcknowledged ? 'acknowledged' : 'not acknowledged';
}

function assertOrder(matcher: string, received: unknown): Order {
  if (isOrder(received)) return received;
  throw new TypeError(`${matcher} is for an order, such as emulator.order('A1').`);
}

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'orderNo' in value && 'state' in value && 'account' in value;
}
