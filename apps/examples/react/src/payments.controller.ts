import { Controller, type MessageEvent, NotFoundException, Param, Post, Sse } from '@nestjs/common';
import { type Payment, WanPayService } from 'nestjs-wanpay';
import { concatMap, filter, map, type Observable, startWith, takeWhile } from 'rxjs';
import type { ShownPayment } from './shown-payment.js';

@Controller('payments')
export class PaymentsController {
  constructor(private readonly wanpay: WanPayService) {}

  @Post(':orderNo')
  async start(@Param('orderNo') orderNo: string): Promise<ShownPayment> {
    return shown(await this.wanpay.createPayment({ orderNo, amount: 1280, validDays: 3 }));
  }

  /** The payment as it is now, and again whenever something happens to it. In production, show it to its payer alone. */
  @Sse(':orderNo/live')
  async live(@Param('orderNo') orderNo: string): Promise<Observable<MessageEvent>> {
    await this.find(orderNo);
    return this.wanpay.events$.pipe(
      filter((event) => event.orderNo === orderNo),
      // An event is only the occasion: what is shown comes from the ledger, also when the page connects again.
      startWith(undefined),
      concatMap(() => this.find(orderNo)),
      takeWhile(({ state }) => state !== 'paid', true),
      map((payment) => ({ data: shown(payment) })),
    );
  }

  private async find(orderNo: string): Promise<Payment> {
    const payment = await this.wanpay.getPayment(orderNo);
    if (!payment) throw new NotFoundException(`There is no payment of order ${orderNo}.`);
    return payment;
  }
}

/** No more than the payer may see. */
function shown({ orderNo, amount, state, account }: Payment): ShownPayment {
  return {
    orderNo,
    amount,
    state,
    ...(account && {
      bankCode: account.bankCode,
      accountNumber: account.number,
      expiresAt: account.expiresAt.toISOString(),
    }),
  };
}
