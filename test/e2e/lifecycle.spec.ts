import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DynamicModule,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WanPayModule, type WanPayModuleOptions, WanPayService } from 'nestjs-wanpay';
import { MemoryStore } from 'nestjs-wanpay/ledger';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { Child } from '../processes/child.js';
import { afterTest } from './after-test.js';
import { ADAPTERS, optionsFor, startHost } from './host.js';
import { startPlatform } from './platform.js';
import { RecordingHandler } from './recording-handler.js';
import { quiet, until } from './until.js';

const PUBLIC_URL = 'http://127.0.0.1:1';
const worker = fileURLToPath(new URL('worker.js', import.meta.url));
const delivery = { baseDelayMs: 1000 };

/** Holds up whoever passes it until the test opens it. */
class Gate {
  readonly opened: Promise<void>;
  reached = false;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  pass(): Promise<void> {
    this.reached = true;
    return this.opened;
  }
}

/** What a host has that takes its time to start. */
@Injectable()
class Warehouse implements OnApplicationBootstrap {
  readonly gate = new Gate();

  onApplicationBootstrap(): Promise<void> {
    return this.gate.pass();
  }
}

@Module({ providers: [Warehouse] })
class WarehouseModule {}

/** A root module whose own class takes its time to start. */
class SlowRoot extends Warehouse {}

/** What a handler needs until it is done. */
@Injectable()
class Printer implements OnModuleDestroy {
  isOpen = true;

  onModuleDestroy(): void {
    this.isOpen = false;
  }
}

@Module({ providers: [Printer], exports: [Printer] })
class PrinterModule {}

/** A root module that closes, itself, what a handler needs. */
class PrinterRoot extends Printer {}

@Module({})
class PlainRoot {}

/** Leaves a delivery that is due in the ledger: the handler of a host that is gone has failed once. */
async function leaveDelivery(emulator: WanPayEmulator, ledger: MemoryStore): Promise<void> {
  const first = await startHost('Express', emulator, { ledger, delivery });
  first.handler.react = ({ type }) => {
    if (type === 'atm.paid') throw new Error('the machine goes down');
  };
  await first.wanpay.createPayment({ orderNo: 'R1', amount: 50 });
  await emulator.pay('R1');
  await until(() => first.handler.of('atm.paid').length === 1, 'the first attempt was made');
  await first.close();
  await emulator.advance({ seconds: 5 });
}

function rootOf(
  module: DynamicModule['module'],
  emulator: WanPayEmulator,
  wanpay: WanPayModuleOptions,
  { imports = [], providers = [] }: Pick<ModuleMetadata, 'imports' | 'providers'> = {},
): DynamicModule {
  return {
    module,
    imports: [WanPayModule.forRoot(optionsFor(emulator, PUBLIC_URL, wanpay)), ...imports],
    providers: [RecordingHandler, ...providers],
  };
}

interface SlowPart extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  readonly part: string;
  readonly root: DynamicModule['module'];
  readonly slow: typeof Warehouse;
}

const SLOW_PARTS: readonly SlowPart[] = [
  { part: 'another module', root: PlainRoot, slow: Warehouse, imports: [WarehouseModule] },
  { part: 'a provider of the root module', root: PlainRoot, slow: Warehouse, providers: [Warehouse] },
  { part: 'the root class', root: SlowRoot, slow: SlowRoot },
];

interface ClosingPart extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  readonly part: string;
  readonly root: DynamicModule['module'];
  readonly needed: typeof Printer;
}

const CLOSING_PARTS: readonly ClosingPart[] = [
  { part: 'an imported module', root: PlainRoot, needed: Printer, imports: [PrinterModule] },
  { part: 'the root module', root: PlainRoot, needed: Printer, providers: [Printer] },
  { part: 'the root class', root: PrinterRoot, needed: PrinterRoot },
];

describe('the life of a host', () => {
  let emulator: WanPayEmulator;
  let ledger: MemoryStore;
  beforeEach(async () => {
    emulator = await startPlatform();
    ledger = new MemoryStore();
  });

  describe.each(ADAPTERS)('on %s', (adapter) => {
    const create = async (root: DynamicModule): Promise<INestApplication<Server>> => {
      const http = adapter === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter();
      const app: INestApplication<Server> = await NestFactory.create(root, http, {
        logger: false,
        abortOnError: false,
      });
      afterTest(() => app.close());
      return app;
    };

    it.each(SLOW_PARTS)('delivers nothing before $part has started and the server listens', async (plan) => {
      await leaveDelivery(emulator, ledger);
      const app = await create(rootOf(plan.root, emulator, { ledger, delivery }, plan));
      const { gate } = app.get(plan.slow, { strict: false });
      const handler = app.get(RecordingHandler);
      const listening: unknown[] = [];
      handler.react = () => listening.push(app.getHttpServer().listening);

      const starting = app.init();
      await until(() => gate.reached, 'the slow part starts');
      await quiet();
      expect(handler.events).toEqual([]);

      gate.open();
      await starting;
      await quiet();
      expect(handler.events).toEqual([]);

      await app.listen(0, '127.0.0.1');
      await until(() => handler.events.length === 1, 'the pending delivery is made');
      expect(handler.types).toEqual(['atm.paid']);
      expect(listening).toEqual([true]);
    });

    it.each(CLOSING_PARTS)('closes nothing of $part before the running handler is done', async (plan) => {
      const app = await create(rootOf(plan.root, emulator, { ledger }, plan));
      const gate = new Gate();
      // Also when the test fails, so that the host can close.
      afterTest(() => {
        gate.open();
        return gate.opened;
      });
      const found: boolean[] = [];
      const printer = app.get(plan.needed, { strict: false });
      app.get(RecordingHandler).react = async () => {
        await gate.pass();
        found.push(printer.isOpen);
      };
      await app.listen(0, '127.0.0.1');
      await app.get(WanPayService, { strict: false }).createPayment({ orderNo: 'A1', amount: 50 });
      await until(() => gate.reached, 'the handler runs');

      const closing = app.close();
      await quiet();
      expect(printer.isOpen).toBe(true);
      gate.open();
      await closing;
      expect(found).toEqual([true]);
      expect(printer.isOpen).toBe(false);
    });

    it('takes payments but delivers nothing where delivery is off, and another host over the same store delivers', async () => {
      const off = await startHost(adapter, emulator, { ledger, delivery: { enabled: false } });
      await off.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
      await emulator.pay('A1');
      await emulator.advance({ minutes: 10 });
      await quiet();
      expect(emulator.notifications()).toMatchObject([{ acknowledged: true }]);
      expect(await off.wanpay.getPayment('A1')).toMatchObject({ state: 'paid' });
      expect(off.handler.events).toEqual([]);
      await off.close();

      const on = await startHost(adapter, emulator, { ledger });
      await until(() => on.handler.events.length === 2, 'the other host delivers');
      expect(on.handler.types).toEqual(['atm.issued', 'atm.paid']);
      expect(off.handler.events).toEqual([]);
    });
  });

  it('starts on its SQLite file while the host that it replaces still closes, as with nest start --hmr', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'wanpay-')), 'wanpay.db');
    afterTest(() => rm(dirname(file), { recursive: true }));
    const replaced = await startHost('Express', emulator, { ledger: sqlite({ file }) });
    await replaced.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    const gate = new Gate();
    replaced.handler.react = () => gate.pass();
    await emulator.pay('A1');
    await until(() => gate.reached, 'a handler runs, for which the host waits when it closes');

    const closing = replaced.close();
    const starting = startHost('Express', emulator, { ledger: sqlite({ file }) });
    await quiet();
    gate.open();
    await closing;
    const host = await starting;
    expect(await host.wanpay.getPayment('A1')).toMatchObject({ state: 'paid' });
  });

  it.each(SLOW_PARTS)('delivers in an application context once $part has started', async (plan) => {
    await leaveDelivery(emulator, ledger);
    const slow: Warehouse[] = [];
    const handlers: RecordingHandler[] = [];
    const root = rootOf(plan.root, emulator, { ledger, delivery }, plan);
    const starting = NestFactory.createApplicationContext(root, {
      logger: false,
      abortOnError: false,
      // The context is handed out only once it has started; its parts are seen here as they are made.
      instrument: {
        instanceDecorator: (instance: unknown) => {
          if (instance instanceof Warehouse) slow.push(instance);
          if (instance instanceof RecordingHandler) handlers.push(instance);
          return instance;
        },
      },
    });
    afterTest(async () => {
      slow[0]?.gate.open();
      await (await starting).close();
    });
    await until(() => slow[0]?.gate.reached === true, 'the slow part starts');
    await quiet();
    expect(handlers.map(({ events }) => events)).toEqual([[]]);

    slow[0]?.gate.open();
    await starting;
    await until(() => handlers[0]?.events.length === 1, 'the pending delivery is made');
    expect(handlers[0]?.types).toEqual(['atm.paid']);
  });
});

describe('a worker without a server', () => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startWanPayEmulator();
    afterTest(() => emulator.close());
  });

  function start(env: Readonly<Record<string, string>>): Child {
    const { merchant, baseUrl } = emulator;
    const child = new Child(worker, {
      EMULATOR_URL: baseUrl,
      MERCHANT_NO: merchant.merchantNo,
      MERCHANT_KEY: merchant.key,
      ...env,
    });
    afterTest(() => child.stop('SIGKILL'));
    return child;
  }

  it('lives until SIGTERM, lets its handler finish before anything is closed, and ends', async () => {
    const child = start({ DELIVERY: 'on', HANDLERS: 'one' });
    await child.prints(/payment pending/);
    await child.prints(/handling W1/);
    expect(child.hasEnded).toBe(false);
    await child.stop('SIGTERM');
    expect(child.output).toContain('handled W1, printer open, root open\n');
    expect(child.output).toMatch(/handled[^]*root closed/);
    expect(child.output).toMatch(/handled[^]*printer closed/);
  });

  it('ends by itself once it is closed', async () => {
    const child = start({ DELIVERY: 'on', HANDLERS: 'one' });
    await child.prints(/handling W1/);
    await child.prints(/payment pending/);
    child.signal('SIGUSR2');
    expect(await child.ended()).toEqual({ code: 0, signal: null });
    expect(child.output).toContain('handled W1, printer open, root open\n');
  });

  it.each([
    { what: 'delivery off', env: { DELIVERY: 'off', HANDLERS: 'one' } },
    { what: 'no handler', env: { DELIVERY: 'on', HANDLERS: 'none' } },
  ])('ends by itself with $what', async ({ env }) => {
    const child = start(env);
    await child.prints(/payment pending/);
    expect(await child.ended()).toEqual({ code: 0, signal: null });
    expect(child.output).not.toContain('handling');
  });
});
