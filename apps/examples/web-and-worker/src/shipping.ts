import { Injectable, Logger } from '@nestjs/common';
import { type AtmHandlerContext, type AtmPaid, OnAtmEvent } from 'nestjs-wanpay';

@Injectable()
export class Shipping {
  private readonly logger = new Logger(Shipping.name);

  @OnAtmEvent('atm.paid', { id: 'shipping' })
  ship({ orderNo }: AtmPaid, { attempt }: AtmHandlerContext): void {
    // Called at least once: what a worker was doing when it died is done again by another one.
    this.logger.log(`Order ${orderNo} is paid (attempt ${attempt}, process ${process.pid})`);
  }
}
