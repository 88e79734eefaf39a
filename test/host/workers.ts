import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommandFactory, CommandRunner } from 'nest-commander';
import { WanPayService } from 'nestjs-wanpay';
import { RecordingHandler } from '../e2e/recording-handler.js';
import type { Findings, HostRun } from './host-run.js';

const NOTIFICATION_URL = 'http://127.0.0.1:1/wanpay/notifications';

@Module({})
class WorkerModule {}

/** An application context, which has no HTTP server. */
export async function worker(run: HostRun): Promise<Findings> {
  const module = {
    module: WorkerModule,
    imports: [run.wanpay({ notifications: false, notificationUrl: NOTIFICATION_URL })],
    providers: [RecordingHandler],
  };
  const app = run.opens(await NestFactory.createApplicationContext(module, { logger: run.log }));
  await app.get(WanPayService).createPayment({ orderNo: 'W1', amount: 50 });
  await run.emulator.pay('W1');
  await app.get(WanPayService).queryPayment('W1');
  const state = await run.settled(app, 'W1');
  return { state, told: run.emulator.order('W1').notificationUrl, warnings: run.warnings };
}

@Injectable()
@Command({ name: 'buy', arguments: '<orderNo>' })
class BuyCommand extends CommandRunner {
  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {
    super();
  }

  async run([orderNo = '']: string[]): Promise<void> {
    await this.wanpay.createPayment({ orderNo, amount: 50 });
  }
}

@Module({})
class CommandModule {}

/** A worker that is a command of `nest-commander`, which goes on once the command is done. */
export async function commander(run: HostRun): Promise<Findings> {
  const module = {
    module: CommandModule,
    imports: [run.wanpay({ notifications: false, notificationUrl: NOTIFICATION_URL })],
    providers: [RecordingHandler, BuyCommand],
  };
  process.argv = [...process.argv.slice(0, 2), 'buy', 'C1'];
  const app = run.opens(await CommandFactory.runWithoutClosing(module, run.log));
  await run.emulator.pay('C1');
  await app.get(WanPayService, { strict: false }).queryPayment('C1');
  const state = await run.settled(app, 'C1');
  return { state, warnings: run.warnings };
}
