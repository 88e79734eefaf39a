import { Injectable } from '@nestjs/common';
import { OnAtmEvent, type AtmPaid } from 'nestjs-wanpay';

@Injectable()
export class Shipping {
  readonly paid: string[] = [];

  @OnAtmEvent('atm.paid')
  ship(event: AtmPaid) {
    this.paid.push(event.orderNo);
  }
}
