import { Injectable, Logger } from '@nestjs/common';
import { type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';

@Injectable()
export class Payouts {
  private readonly logger = new Logger(Payouts.name);

  @OnAtmEvent('atm.paid', { id: 'payouts' })
  credit({ merchantNo, orderNo, payment }: AtmPaid): void {
    // Two merchants may use the same order number: an order is known by both.
    this.logger.log(`Merchant ${merchantNo} gets NT$ ${payment.amount} for order ${orderNo}`);
  }
}
