import { Controller, Param, Post } from '@nestjs/common';
import { WanPayService } from 'nestjs-wanpay';

@Controller('merchants/:merchantNo/checkout')
export class CheckoutController {
  constructor(private readonly wanpay: WanPayService) {}

  @Post(':orderNo')
  async start(
    @Param('merchantNo') merchantNo: string,
    @Param('orderNo') orderNo: string,
  ): Promise<{ readonly payTo: string }> {
    const { account } = await this.wanpay.createPayment({ merchantNo, orderNo, amount: 1280 });
    return { payTo: `${account.bankCode}-${account.number}` };
  }
}
