import { Controller, Param, Post } from '@nestjs/common';
import { WanPayService } from 'nestjs-wanpay';

@Controller('checkout')
export class CheckoutController {
  constructor(private readonly wanpay: WanPayService) {}

  @Post(':orderNo')
  async checkout(@Param('orderNo') orderNo: string) {
    const { account, amount } = await this.wanpay.createPayment({ orderNo, amount: 1280 });
    return { payTo: `${account.bankCode}-${account.number}`, amount };
  }
}
