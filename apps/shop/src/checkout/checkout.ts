import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { wanpayConfig, WanPayService } from 'nestjs-wanpay';
import type { NewOrder } from '../orders/order.js';
import { Orders } from '../orders/orders.js';

/** Takes an order and gets it an account to be paid to. */
@Injectable()
export class Checkout {
  constructor(
    private readonly orders: Orders,
    private readonly wanpay: WanPayService,
    @Inject(wanpayConfig.KEY) private readonly config: ConfigType<typeof wanpayConfig>,
  ) {}

  /**
   * Safe to call again with the same order: the shop has the order before the platform hears of it, and
   * `createPayment` is idempotent by order number, so a form that is sent twice ends at the same account.
   *
   * @throws OrderNumberTakenError when the number belongs to an order for something else
   * @throws PlatformError when the platform refused, or did not answer
   */
  async placeOrder(newOrder: NewOrder): Promise<void> {
    const { orderNo, amount, item, quantity } = await this.orders.place(newOrder);
    const payment = await this.wanpay.createPayment({
      orderNo,
      amount,
      description: `${item.name} × ${quantity}`,
      ...this.returnUrl(orderNo),
    });
    await this.orders.awaitTransfer(orderNo, payment);
  }

  /** From the bank the payer comes back to the page of this very order. */
  private returnUrl(orderNo: string): { returnUrl?: string } {
    const { publicUrl } = this.config;
    return publicUrl === undefined ? {} : { returnUrl: `${publicUrl.replace(/\/+$/, '')}/orders/${orderNo}` };
  }
}
