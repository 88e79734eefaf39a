import 'reflect-metadata';
import { createServer, type AddressInfo } from 'node:net';
import {
  type DynamicModule,
  type INestApplication,
  Module,
  type ModuleMetadata,
  type NestApplicationOptions,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WanPayModule, type WanPayModuleExtras, type WanPayModuleOptions, WanPayService } from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from './after-test.js';
import { CapturedLog } from './captured-log.js';
import { RecordingHandler } from './recording-handler.js';

/** Whatever is shown is shown on both. */
export const ADAPTERS = ['Express', 'Fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** What a host is made of, beyond the recording handler that every host has. */
export interface HostPlan extends Pick<ModuleMetadata, 'providers' | 'controllers'> {
  /** The host's imports, from the address that it will have. */
  readonly imports: (url: string) => NonNullable<ModuleMetadata['imports']>;
  readonly application?: NestApplicationOptions;
  /** The address to listen on; `::` is every address of the machine, IPv4 as mapped into IPv6. */
  readonly address?: string;
  /** Whether `X-Forwarded-For` is believed. */
  readonly trustProxy?: boolean;
  /** Makes the adapter, where the host has one with something in front of Nest. */
  readonly createAdapter?: () => AbstractHttpAdapter;
  /** Runs before the host listens. */
  readonly prepare?: (app: INestApplication) => void;
}

/** The module's options for a host that is a merchant of the emulator and lives by its clock. */
export function optionsFor(
  emulator: WanPayEmulator,
  publicUrl: string,
  more: WanPayModuleOptions & WanPayModuleExtras = {},
): WanPayModuleOptions & WanPayModuleExtras {
  const { merchant, baseUrl, clock } = emulator;
  return { ...(more.merchants ? {} : { merchant: { ...merchant } }), baseUrl, clock, publicUrl, ...more };
}

/** A host application that listens. */
export class Host {
  private closed: Promise<void> | undefined;

  constructor(
    readonly app: INestApplication,
    readonly url: string,
    readonly log: CapturedLog,
  ) {}

  get handler(): RecordingHandler {
    return this.app.get(RecordingHandler);
  }

  get wanpay(): WanPayService {
    return this.app.get(WanPayService, { strict: false });
  }

  /** Where the default instance of a host without a prefix receives notifications. */
  get notificationUrl(): string {
    return `${this.url}/wanpay/notifications`;
  }

  close(): Promise<void> {
    this.closed ??= this.app.close();
    return this.closed;
  }
}

/** Starts a host with one instance of the module, at the emulator. */
export function startHost(
  adapter: Adapter,
  emulator: WanPayEmulator,
  wanpay: WanPayModuleOptions & WanPayModuleExtras = {},
  plan: Omit<HostPlan, 'imports'> & { readonly imports?: ModuleMetadata['imports'] } = {},
): Promise<Host> {
  return startHostOf(adapter, {
    ...plan,
    imports: (url) => [WanPayModule.forRoot(optionsFor(emulator, url, wanpay)), ...(plan.imports ?? [])],
  });
}

/** Starts a host of any make. It is closed when the test ends. */
export async function startHostOf(adapter: Adapter, plan: HostPlan): Promise<Host> {
  const log = new CapturedLog();
  for (;;) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const httpAdapter = plan.createAdapter?.() ?? createAdapter(adapter, plan.trustProxy ?? false);
    const app = await NestFactory.create(HostModule.of(plan, url), httpAdapter, {
      logger: log,
      abortOnError: false,
      forceCloseConnections: true,
      ...plan.application,
    });
    plan.prepare?.(app);
    const host = new Host(app, url, log);
    try {
      await app.listen(port, plan.address ?? '127.0.0.1');
    } catch (error) {
      await app.close();
      if (isPortTaken(error)) continue;
      throw error;
    }
    afterTest(() => host.close());
    return host;
  }
}

@Module({})
class HostModule {
  static of({ imports, providers = [], controllers = [] }: HostPlan, url: string): DynamicModule {
    return { module: HostModule, imports: imports(url), providers: [RecordingHandler, ...providers], controllers };
  }
}

function createAdapter(adapter: Adapter, trustProxy: boolean): AbstractHttpAdapter {
  if (adapter === 'Fastify') return new FastifyAdapter({ trustProxy });
  const express = new ExpressAdapter();
  express.set('trust proxy', trustProxy);
  return express;
}

/** The public address goes into the options, so the port must be known before the host is made. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The port that a server listens on. */
export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Object && 'code' in error && error.code === 'EADDRINUSE';
}
