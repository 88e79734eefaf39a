import { Injectable } from '@nestjs/common';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';
import type { Prisma } from './generated/client.js';

@Injectable()
export class Booking {
  /** Both rows and the mark that the event is handled are committed together, or none of them is. */
  @OnAtmEvent('atm.paid', { id: 'booking', transaction: true })
  async book(event: AtmPaid, { transaction }: AtmHandlerContext<Prisma.TransactionClient>): Promise<void> {
    // The injected client would commit by itself: use the transaction's own.
    await transaction.order.update({ where: { no: event.orderNo }, data: { paidAt: event.occurredAt } });
    // A transaction can't hold what happens elsewhere, so only write down that there is a parcel to send.
    await transaction.parcel.create({ data: { orderNo: event.orderNo } });
  }
}
