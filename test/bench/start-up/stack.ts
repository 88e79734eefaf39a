import { HttpModule } from '@nestjs/axios';
import { ConfigModule } from '@nestjs/config';
import { Body, Controller, Module, Post, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Type } from 'class-transformer';
import { IsInt, IsString } from 'class-validator';

class Order {
  @IsString()
  no!: string;

  @Type(() => Number)
  @IsInt()
  amount!: number;
}

@Controller('orders')
class OrdersController {
  @Post()
  order(@Body() { no }: Order): string {
    return no;
  }
}

/** What many hosts have anyway: a configuration, requests that are validated, and axios. */
@Module({
  imports: [ConfigModule.forRoot({ ignoreEnvFile: true }), HttpModule],
  controllers: [OrdersController],
  providers: [{ provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true }) }],
})
export class StackModule {}
