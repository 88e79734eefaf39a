import { Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { WanPayService } from 'nestjs-wanpay';
import type { Order } from './generated/client.js';
import { PrismaService } from './prisma.service.js';

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly wanpay: WanPayService,
  ) {}

  @Post(':no')
  async place(@Param('no') no: string): Promise<{ readonly payTo: string }> {
    // The order comes first: should the process end here, the next request goes on with the same number.
    await this.prisma.order.upsert({ where: { no }, create: { no, amount: 1280 }, update: {} });
    const { account } = await this.wanpay.createPayment({ orderNo: no, amount: 1280 });
    return { payTo: `${account.bankCode}-${account.number}` };
  }

  @Get(':no')
  async show(@Param('no') no: string): Promise<Order & { readonly parcels: number }> {
    const order = await this.prisma.order.findUnique({ where: { no } });
    if (!order) throw new NotFoundException();
    return { ...order, parcels: await this.prisma.parcel.count({ where: { orderNo: no } }) };
  }
}
