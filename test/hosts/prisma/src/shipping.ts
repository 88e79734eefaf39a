import { Injectable } from '@nestjs/common';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';
import type { Prisma } from './generated/client.js';

@Injectable()
export class Shipping {
  readonly paid: string[] = [];

  @OnAtmEvent('atm.paid', { id: 'Shipping.ship', transaction: true })
  async ship({ orderNo }: AtmPaid, { transaction }: AtmHandlerContext<Prisma.TransactionClient>) {
    await transaction.shipment.create({ data: { orderNo } });
    // Long enough that a process can be killed in the middle.
    await transaction.$executeRaw`SELECT pg_sleep(0.02)`;
    this.paid.push(orderNo);
  }
}
