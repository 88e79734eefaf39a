import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleInit, OnModuleDestroy {
  constructor(config: ConfigService) {
    super({ adapter: new PrismaPg({ connectionString: config.getOrThrow<string>('DATABASE_URL') }) });
  }

  async onModuleInit(): Promise<void> {
    // For an example only: use `prisma migrate` in production.
    await this
      .$executeRaw`CREATE TABLE IF NOT EXISTS orders (no text PRIMARY KEY, amount int NOT NULL, paid_at timestamptz)`;
    await this.$executeRaw`CREATE TABLE IF NOT EXISTS parcels (id serial PRIMARY KEY, order_no text NOT NULL)`;
  }

  async onModuleDestroy(): Promise<void> {
    await this.$disconnect();
  }
}
