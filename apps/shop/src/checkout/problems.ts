import { BadGatewayException, ConflictException, ServiceUnavailableException } from '@nestjs/common';
import { AccountLostError, PlatformError, PlatformUnreachableError, ResultUnknownError } from 'nestjs-wanpay';
import { OrderNumberTakenError } from '../orders/errors.js';

/** What the customer is told when an order could not be placed; what the shop doesn't expect is left as it is. */
export function toCustomerProblem(cause: unknown): unknown {
  if (cause instanceof OrderNumberTakenError) {
    return new ConflictException('這個訂單編號已使用，請重新下單 This order number is in use; please order anew.');
  }
  if (cause instanceof PlatformUnreachableError || cause instanceof ResultUnknownError) {
    return new ServiceUnavailableException(
      '暫時連不上收款平台，請稍後重新送出 WanPay can’t be reached at the moment; please send the form again later.',
      { cause },
    );
  }
  // The platform may have the order, but nobody was told the account: nobody can pay it, and a new order is safe.
  if (cause instanceof PlatformError || cause instanceof AccountLostError) {
    return new BadGatewayException('收款平台未能開立帳號，請重新下單 WanPay gave no account; please order anew.', {
      cause,
    });
  }
  return cause;
}
