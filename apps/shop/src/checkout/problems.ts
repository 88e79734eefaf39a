import { HttpStatus } from '@nestjs/common';
import { AccountLostError, PlatformError, PlatformUnreachableError, ResultUnknownError } from 'nestjs-wanpay';
import { OrderNumberTakenError } from '../orders/errors.js';
import { Problem } from '../pages/problem.js';

/** What the customer is told when an order could not be placed; what the shop doesn't expect is left as it is. */
export function toCustomerProblem(cause: unknown): unknown {
  if (cause instanceof OrderNumberTakenError) {
    return new Problem(HttpStatus.CONFLICT, [
      { chinese: '這個訂單編號已使用，請重新下單。', english: 'This order number is in use; please order anew.' },
    ]);
  }
  if (cause instanceof PlatformUnreachableError || cause instanceof ResultUnknownError) {
    const chinese = '暫時連不上收款平台，請稍後重新送出。';
    const english = 'WanPay can’t be reached at the moment; please send the form again later.';
    return new Problem(HttpStatus.SERVICE_UNAVAILABLE, [{ chinese, english }], { cause });
  }
  // The platform may have the order, but nobody was told the account: nobody can pay it, and a new order is safe.
  if (cause instanceof PlatformError || cause instanceof AccountLostError) {
    const problem = {
      chinese: '收款平台未能開立帳號，請重新下單。',
      english: 'WanPay gave no account; please order anew.',
    };
    return new Problem(HttpStatus.BAD_GATEWAY, [problem], { cause });
  }
  return cause;
}
