import { Writable } from 'node:stream';
import { Controller, type DynamicModule, Inject, Injectable, Module, Param, Post } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, CqrsModule, EventBus, EventsHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { SkipThrottle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { ClsModule, ClsService } from 'nestjs-cls';
import { Logger, LoggerModule } from 'nestjs-pino';
import { type AtmPaid, OnAtmEvent, WanPayService } from 'nestjs-wanpay';
import { RecordingHandler } from '../e2e/recording-handler.js';
import { until } from '../e2e/until.js';
import type { Findings, HostRun } from './host-run.js';
import { LoginGuard, Public } from './public.js';

/** A command and an event of `@nestjs/cqrs`. */
class Buy {
  constructor(readonly orderNo: string) {}
}
class Bought {
  constructor(readonly orderNo: string) {}
}

@CommandHandler(Buy)
class BuyHandler implements ICommandHandler<Buy> {
  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  async execute({ orderNo }: Buy): Promise<string> {
    const { account } = await this.wanpay.createPayment({ orderNo, amount: 1280 });
    return account.number;
  }
}

@Injectable()
@EventsHandler(Bought)
class Shipping {
  readonly shipped: string[] = [];

  handle({ orderNo }: Bought): void {
    this.shipped.push(orderNo);
  }
}

/** From the module's durable event to one of the host's own; it notes in whose request it runs. */
@Injectable()
class Bridge {
  readonly requests: unknown[] = [];

  constructor(
    @Inject(EventBus) private readonly events: EventBus,
    @Inject(ClsService) private readonly cls: ClsService,
  ) {}

  @OnAtmEvent('atm.paid', { id: 'bridge' })
  onPaid({ orderNo }: AtmPaid): void {
    this.requests.push(this.cls.isActive() ? this.cls.get('orderNo') : 'none');
    this.events.publish(new Bought(orderNo));
  }
}

@Injectable()
class Sweeping {
  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  @Cron('0 0 4 1 1 *', { name: 'sweep' })
  async sweep(): Promise<void> {
    await this.wanpay.sweep();
  }
}

@Public()
@SkipThrottle({ short: true, long: true })
@Controller('checkout')
class Checkout {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(ClsService) private readonly cls: ClsService,
  ) {}

  @Post(':orderNo')
  buy(@Param('orderNo') orderNo: string): Promise<string> {
    this.cls.set('orderNo', orderNo);
    return this.commands.execute(new Buy(orderNo));
  }
}

const EXEMPTING = [Public(), SkipThrottle({ short: true, long: true })];

/** An Express host with a login, a throttler, cls, pino, OpenAPI, a scheduler and cqrs. */
export async function everything(run: HostRun): Promise<Findings> {
  const lines: string[] = [];
  const app = run.opens(await NestFactory.create(hostOf(run, lines, EXEMPTING), { bufferLogs: true }));
  app.useLogger(app.get(Logger));
  app.setGlobalPrefix('api');
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  SwaggerModule.setup('docs', app, document);
  await app.listen(run.port, '127.0.0.1');

  await fetch(`${run.url}/api/checkout/A1`, { method: 'POST' });
  await run.emulator.pay('A1');
  const state = await run.settled(app, 'A1');
  // Twice as many as the throttler lets through.
  for (let time = 0; time < 4; time++) await run.emulator.resend('A1');
  await until(() => app.get(Shipping).shipped.length === 1, 'A1 is shipped');

  // Where no notification arrives, the scheduled sweep finds the money.
  await app.get(WanPayService).createPayment({ orderNo: 'A2', amount: 50, notificationUrl: 'http://127.0.0.1:1/' });
  await run.emulator.pay('A2');
  await run.emulator.advance({ hours: 1 });
  await app.get(SchedulerRegistry).getCronJob('sweep').fireOnTick();
  const swept = await run.settled(app, 'A2');
  const { requests } = app.get(Bridge);
  const warnings = lines.filter((line) => line.includes('"level":40') && !line.includes('kept in memory'));
  const refused = await lineOfRefusal(run, lines);
  return {
    state,
    swept,
    answers: run.answers('A1'),
    shipped: app.get(Shipping).shipped[0],
    paths: Object.keys(document.paths),
    requests,
    warnings,
    hasLogged: lines.some((line) => line.includes('"context":"WanPayModule"')),
    refused,
    tellsKey: lines.some((line) => line.includes(run.emulator.merchant.key)),
  };
}

/** The line of nestjs-pino about a notification that is none, as programs read it. */
async function lineOfRefusal(run: HostRun, lines: readonly string[]): Promise<unknown> {
  await fetch(`${run.url}/api/wanpay/notifications`, { method: 'POST', body: 'nothing' });
  const find = (): string | undefined => lines.find((line) => line.includes('notification_refused'));
  await until(() => find() !== undefined, 'the refusal is logged');
  return JSON.parse(find() ?? '');
}

/** What the same host is told at start when nothing is exempted. */
export async function exemptingNothing(run: HostRun): Promise<Findings> {
  const app = run.opens(await NestFactory.create(hostOf(run, []), { logger: run.log }));
  await app.listen(run.port, '127.0.0.1');
  await until(() => run.log.text.includes('SkipThrottle'), 'the host is warned');
  return { warnings: run.warnings };
}

function hostOf(run: HostRun, lines: string[], notificationDecorators?: readonly ClassDecorator[]): DynamicModule {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      lines.push(chunk.toString());
      done();
    },
  });
  return {
    module: EverythingModule,
    imports: [
      run.wanpay({ notificationDecorators, reconciliation: { enabled: false } }),
      ClsModule.forRoot({ global: true, middleware: { mount: true } }),
      LoggerModule.forRoot({ pinoHttp: { stream } }),
      ThrottlerModule.forRoot([
        { name: 'short', ttl: 60_000, limit: 2 },
        { name: 'long', ttl: 3_600_000, limit: 2 },
      ]),
      ScheduleModule.forRoot(),
      CqrsModule.forRoot(),
    ],
    controllers: [Checkout],
    providers: [
      ...[RecordingHandler, BuyHandler, Shipping, Bridge, Sweeping],
      { provide: APP_GUARD, useClass: LoginGuard },
      { provide: APP_GUARD, useClass: ThrottlerGuard },
    ],
  };
}

@Module({})
class EverythingModule {}
