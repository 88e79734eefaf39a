// A small host on Express; with the module or without, as its argument says. It ends when it listens.
import 'reflect-metadata';
import { Controller, Get, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MERCHANT } from '../orders.js';

@Controller()
class HomeController {
  @Get()
  home(): string {
    return 'home';
  }
}

@Module({ controllers: [HomeController] })
class Host {}

const app = await NestFactory.create({ module: Host, imports: await importsOf(process.argv[2]) }, { logger: false });
await app.listen(0, '127.0.0.1');
process.exit();

async function importsOf(kind: string | undefined): Promise<NonNullable<ModuleMetadata['imports']>> {
  if (kind !== 'with') return [];
  const { WanPayModule } = await import('nestjs-wanpay');
  return [WanPayModule.forRoot({ merchant: { ...MERCHANT }, publicUrl: 'http://127.0.0.1' })];
}
