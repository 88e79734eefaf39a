import { HttpStatus } from '@nestjs/common';
import {
  AccountLostError,
  OrderNumberTakenError as NumberTakenAtWanPayError,
  PaymentEndedError,
  PaymentInProgressError,
  PlatformError,
  PlatformUnreachableError,
  ResultUnknownError,
} from 'nestjs-wanpay';
import { OrderNumberTakenError } from '../orders/errors.js';
import type { NewOrder } from '../orders/order.js';
import { Problem } from '../pages/problem.js';
import { OrderAgain, TryAgain } from './try-again.js';

/** What the customer is told when an order could not be placed; what the shop doesn't expect is left as it is. */
export function toCustomerProblem(cause: unknown, order: NewOrder): unknown {
  if (cause instanceof OrderNumberTakenError) {
    const problem = {
      chinese: '這個訂單編號已使用，請重新下單。',
      english: 'This order number is in use; please order anew.',
    };
    return new Problem(HttpStatus.CONFLICT, [problem], { wayOn: <OrderAgain order={order} /> });
  }
  // Nobody can pay under this number any more, and a new order is safe.
  if ([AccountLostError, NumberTakenAtWanPayError, PaymentEndedError].some((ended) => cause instanceof ended)) {
    const problem = {
      chinese: '這筆訂單無法付款，請重新下單。',
      english: 'This order can’t be paid; please order anew.',
    };
    return new Problem(HttpStatus.BAD_GATEWAY, [problem], { cause, wayOn: <OrderAgain order={order} /> });
  }
  // The same number can be tried again: the module asks the platform first, so that there are never two accounts.
  const wayOn = <TryAgain order={order} />;
  if ([PlatformUnreachableError, ResultUnknownError, PaymentInProgressError].some((error) => cause instanceof error)) {
    const problem = {
      chinese: '暫時連不上收款平台。訂單已保留，請稍後重試。',
      english: 'WanPay can’t be reached at the moment. Your order is kept; please try again in a while.',
    };
    return new Problem(HttpStatus.SERVICE_UNAVAILABLE, [problem], { cause, wayOn });
  }
  if (cause instanceof PlatformError) {
    const problem = {
      chinese: '收款平台未能核發帳號。訂單已保留，請重試；若仍不行，請與我們聯絡。',
      english: 'WanPay gave no account. Your order is kept; try again, or get in touch with us.',
    };
    return new Problem(HttpStatus.BAD_GATEWAY, [problem], { cause, wayOn });
  }
  return cause;
}
