import { Injectable } from '@nestjs/common';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';
import type { EntityManager } from 'typeorm';
import { Order } from './order.js';
import { Parcel } from './parcel.js';

@Injectable()
export class Booking {
  /** Both rows and the mark that the event is handled are committed together, or none of them is. */
  @OnAtmEvent('atm.paid', { id: 'booking', transaction: true })
  async book(event: AtmPaid, { transaction }: AtmHandlerContext<EntityManager>): Promise<void> {
    // An injected repository would commit by itself: use the transaction's own.
    await transaction.getRepository(Order).update({ no: event.orderNo }, { paidAt: event.occurredAt });
    // A transaction can't hold what happens elsewhere, so only write down that there is a parcel to send.
    await transaction.getRepository(Parcel).insert({ orderNo: event.orderNo });
  }
}
