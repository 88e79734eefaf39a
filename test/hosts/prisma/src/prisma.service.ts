import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export const connectionString = process.env.DATABASE_URL ?? '';

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleInit, OnModuleDestroy {
  constructor() {
    super({ adapter: new PrismaPg({ connectionString }) });
  }

  async onModuleInit() {
    await this.$executeRaw`CREATE TABLE IF NOT EXISTS shipments (id serial PRIMARY KEY, order_no text NOT NULL)`;
  }

  async onModuleDestroy() {
    await this.$disconnect();
  }
}
