import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { DataSource } from 'typeorm';
import { Order } from './order.js';
import { Parcel } from './parcel.js';

// With @nestjs/typeorm, TypeOrmModule.forRootAsync() takes the place of this module.
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [ConfigService],
      useFactory: (config: ConfigService) =>
        new DataSource({
          type: 'postgres',
          url: config.getOrThrow<string>('DATABASE_URL'),
          entities: [Order, Parcel],
          synchronize: true, // for an example only: use migrations in production
        }).initialize(),
    },
  ],
  exports: [DataSource],
})
export class DataModule {
  constructor(private readonly dataSource: DataSource) {}

  async onModuleDestroy(): Promise<void> {
    await this.dataSource.destroy();
  }
}
