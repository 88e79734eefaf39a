// A small host on Express, which ends when it listens. Its arguments say what it has: `packages`, those that the module is
// built on, loaded and not used; `stack`, what many hosts have anyway, a ConfigModule, axios and a ValidationPipe; `module`, the module.
import 'reflect-metadata';
import { Controller, Get, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MERCHANT } from '../orders.js';

type Imports = NonNullable<ModuleMetadata['imports']>;

@Controller()
class HomeController {
  @Get()
  home(): string {
    return 'home';
  }
}

@Module({ controllers: [HomeController] })
class Host {}

const parts = new Set(process.argv.slice(2));
if (parts.has('packages')) await loadPackages();
const imports = [...(parts.has('stack') ? await stack() : []), ...(parts.has('module') ? await wanpay() : [])];
const app = await NestFactory.create({ module: Host, imports }, { logger: false });
await app.listen(0, '127.0.0.1');
process.exit();

async function loadPackages(): Promise<void> {
  await Promise.all([
    import('@nestjs/axios'),
    import('@nestjs/config'),
    import('class-transformer'),
    import('class-validator'),
  ]);
}

async function stack(): Promise<Imports> {
  const { StackModule } = await import('./stack.js');
  return [StackModule];
}

async function wanpay(): Promise<Imports> {
  const { WanPayModule } = await import('nestjs-wanpay');
  return [WanPayModule.forRoot({ merchant: { ...MERCHANT }, publicUrl: 'http://127.0.0.1' })];
}
