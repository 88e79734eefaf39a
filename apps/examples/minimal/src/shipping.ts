import { Injectable, Logger } from '@nestjs/common';
import { type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';

@Injectable()
export class Shipping {
  private readonly logger = new Logger(Shipping.name);

  // The id stays when the class or the method is renamed: the ledger knows the handler by it.
  @OnAtmEvent('atm.paid', { id: 'shipping' })
  ship({ orderNo, payment, livemode }: AtmPaid): void {
    const what = livemode ? 'ship' : 'a test payment, so ship nothing for';
    this.logger.log(`NT$ ${payment.amount} came: ${what} order ${orderNo}`);
  }
}
