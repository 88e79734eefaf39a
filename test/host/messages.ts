import { Controller, Inject, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { type ClientProxy, ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { WanPayService } from 'nestjs-wanpay';
import { firstValueFrom } from 'rxjs';
import { RecordingHandler } from '../e2e/recording-handler.js';
import { freePort } from '../processes/ports.js';
import type { Findings, HostRun } from './host-run.js';
import { LoginGuard, Public } from './public.js';

@Public()
@Controller()
class BuyingByMessage {
  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  @MessagePattern('buy')
  async buy(orderNo: string): Promise<string> {
    return (await this.wanpay.createPayment({ orderNo, amount: 50 })).state;
  }
}

@Module({})
class MessagesModule {}

const PROVIDERS = [RecordingHandler, { provide: APP_GUARD, useClass: LoginGuard }];

/** An HTTP host that takes messages as well, under the same guards. */
export async function hybrid(run: HostRun): Promise<Findings> {
  const port = await freePort();
  const module = {
    module: MessagesModule,
    imports: [run.wanpay({ notificationDecorators: [Public()] })],
    controllers: [BuyingByMessage],
    providers: PROVIDERS,
  };
  const app = run.opens(await NestFactory.create(module, { logger: run.log }));
  app.connectMicroservice(tcp(port), { inheritAppConfig: true });
  await app.startAllMicroservices();
  await app.listen(run.port, '127.0.0.1');
  const opened = await buy(port, 'H1');
  await run.emulator.pay('H1');
  const state = await run.settled(app, 'H1');
  return { opened, state, answers: run.answers('H1'), warnings: run.warnings };
}

/** A host that takes messages alone: another process receives the notifications, at the address that it tells WanPay. */
export async function microservice(run: HostRun): Promise<Findings> {
  const port = await freePort();
  const notificationUrl = 'http://127.0.0.1:1/wanpay/notifications';
  const module = {
    module: MessagesModule,
    imports: [run.wanpay({ notifications: false, notificationUrl })],
    controllers: [BuyingByMessage],
    providers: PROVIDERS,
  };
  const app = run.opens(await NestFactory.createMicroservice(module, { ...tcp(port), logger: run.log }));
  await app.listen();
  const opened = await buy(port, 'M1');
  await run.emulator.pay('M1');
  await app.get(WanPayService).queryPayment('M1');
  const state = await run.settled(app, 'M1');
  return { opened, state, told: run.emulator.order('M1').notificationUrl, warnings: run.warnings };
}

function tcp(port: number): { transport: Transport.TCP; options: { host: string; port: number } } {
  return { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
}

async function buy(port: number, orderNo: string): Promise<unknown> {
  const client: ClientProxy = ClientProxyFactory.create(tcp(port));
  try {
    return await firstValueFrom(client.send<unknown>('buy', orderNo));
  } finally {
    await client.close();
  }
}
