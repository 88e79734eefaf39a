import 'reflect-metadata';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { WanPayModule, type WanPayModuleExtras, type WanPayModuleOptions, WanPayService } from 'nestjs-wanpay';
import type { WanPayEmulator } from 'wanpay-emulator';
import { CapturedLog } from '../e2e/captured-log.js';
import { RecordingHandler } from '../e2e/recording-handler.js';
import { until } from '../e2e/until.js';

/** What came of a host: what a test looks at, as JSON can hold it. */
export type Findings = Readonly<Record<string, unknown>>;

/** A host with other libraries, which starts, is paid and closes. */
export class HostRun {
  readonly log = new CapturedLog();
  private app: INestApplicationContext | undefined;

  constructor(
    readonly emulator: WanPayEmulator,
    readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Has the host closed at the end, whatever becomes of it. */
  opens<App extends INestApplicationContext>(app: App): App {
    this.app = app;
    return app;
  }

  async close(): Promise<void> {
    await this.app?.close();
  }

  /** WanPayModule for the emulator's merchant, global as in most applications. */
  wanpay(more: WanPayModuleOptions & WanPayModuleExtras = {}): DynamicModule {
    const { merchant, baseUrl, clock } = this.emulator;
    return WanPayModule.forRoot({ merchant, baseUrl, clock, publicUrl: this.url, isGlobal: true, ...more });
  }

  /** Waits until the host's handler has seen that the order is paid; tells how its state is then. */
  async settled(app: INestApplicationContext, orderNo: string): Promise<string | undefined> {
    const handler = app.get(RecordingHandler, { strict: false });
    await until(
      () => handler.of('atm.paid').some((event) => event.orderNo === orderNo),
      `${orderNo} is handled as paid`,
    );
    return (await app.get(WanPayService, { strict: false }).getPayment(orderNo))?.state;
  }

  /** How the platform was answered about an order, in order. */
  answers(orderNo: string): readonly (string | undefined)[] {
    return this.emulator
      .notifications()
      .filter((attempt) => attempt.orderNo === orderNo)
      .map(({ replyStatus, replyBody }) => `${replyStatus ?? ''} ${replyBody ?? ''}`);
  }

  /** The module's own warnings, all but that payments are kept in memory. */
  get warnings(): readonly string[] {
    const isOurs = (line: string): boolean => /^warn .*WanPay/.test(line) && !line.includes('kept in memory');
    return this.log.lines.filter(isOurs);
  }
}
