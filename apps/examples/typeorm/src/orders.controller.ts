import { Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { WanPayService } from 'nestjs-wanpay';
import { DataSource } from 'typeorm';
import { Order } from './order.js';
import { Parcel } from './parcel.js';

interface ShownOrder {
  readonly no: string;
  readonly amount: number;
  readonly paidAt: Date | null;
  readonly parcels: number;
}

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly wanpay: WanPayService,
  ) {}

  @Post(':no')
  async place(@Param('no') no: string): Promise<{ readonly payTo: string }> {
    // The order comes first: should the process end here, the next request goes on with the same number.
    await this.dataSource.getRepository(Order).upsert({ no, amount: 1280 }, ['no']);
    const { account } = await this.wanpay.createPayment({ orderNo: no, amount: 1280 });
    return { payTo: `${account.bankCode}-${account.number}` };
  }

  @Get(':no')
  async show(@Param('no') no: string): Promise<ShownOrder> {
    const order = await this.dataSource.getRepository(Order).findOneBy({ no });
    if (!order) throw new NotFoundException();
    const parcels = await this.dataSource.getRepository(Parcel).countBy({ orderNo: no });
    return { no, amount: order.amount, paidAt: order.paidAt, parcels };
  }
}
