import { Controller, Param, Post } from '@nestjs/common';
import { WanPayService } from 'nestjs-wanpay';

/** What the payer needs to know. */
interface PaymentInstructions {
  readonly payTo: string;
  readonly amount: number;
  readonly until: Date;
}

@Controller('checkout')
export class CheckoutController {
  constructor(private readonly wanpay: WanPayService) {}

  @Post(':orderNo')
  async start(@Param('orderNo') orderNo: string): Promise<PaymentInstructions> {
    // The amount comes from your own prices, never from the request.
    const { account, amount } = await this.wanpay.createPayment({ orderNo, amount: 1280, validDays: 3 });
    return { payTo: `${account.bankCode}-${account.number}`, amount, until: account.expiresAt };
  }
}
