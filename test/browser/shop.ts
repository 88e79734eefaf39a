import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { wanpayConfig, type WanPayModuleOptions, WanPayService } from 'nestjs-wanpay';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { AppModule } from '../../apps/shop/src/app.module.js';
import { configureApp } from '../../apps/shop/src/configure-app.js';
import { OrderTable } from '../../apps/shop/src/orders/order-table.js';
import { LiveStreams } from '../../apps/shop/src/payment-page/live-streams.js';
import { shopConfig } from '../../apps/shop/src/shop.config.js';
import { freePort } from '../processes/ports.js';

/** A shop, and the platform it is paid through: both by one clock, which the test moves. */
export interface Shop {
  readonly url: string;
  readonly emulator: WanPayEmulator;
  readonly wanpay: WanPayService;
  readonly streams: LiveStreams;
  /** The switch of its demonstration. */
  failHandlers(isOn: boolean): Promise<void>;
  /** It can't write down what becomes of its orders, so that its handlers fail with this message, until what is returned is called. */
  failToWrite(message: string): () => void;
  close(): Promise<void>;
}

/** What opens the shop's desk. */
export const DESK_LOGIN = { username: 'desk', password: 'tea for two, 泡茶' };
/** The same, as a browser sends it. */
export const DESK_AUTHORIZATION = `Basic ${Buffer.from(`${DESK_LOGIN.username}:${DESK_LOGIN.password}`).toString('base64')}`;

const MORNING = new Date('2026-03-02T09:30:00+08:00');

/** Starts both on free ports of this machine. */
export async function startShop(options: WanPayModuleOptions = {}): Promise<Shop> {
  const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: MORNING } });
  const data = await mkdtemp(join(tmpdir(), 'shop-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { baseUrl, merchant, clock } = emulator;
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(wanpayConfig.KEY)
    .useValue({ baseUrl, merchant, clock, publicUrl: url, ...options })
    .overrideProvider(shopConfig.KEY)
    .useValue({ data, deskPassword: DESK_LOGIN.password, emulatorUrl: emulator.url })
    .compile();
  const app = module.createNestApplication<NestExpressApplication>({ logger: false, forceCloseConnections: true });
  configureApp(app);
  await app.listen(port, '127.0.0.1');
  return {
    url,
    emulator,
    wanpay: app.get(WanPayService),
    streams: app.get(LiveStreams),
    failHandlers: async (isOn) => {
      const body = new URLSearchParams({ failure: isOn ? 'on' : 'off' });
      await fetch(`${url}/demonstration/failure`, { method: 'POST', body });
    },
    failToWrite: (message) => {
      const table = app.get(OrderTable);
      table.save = () => {
        throw new Error(message);
      };
      return () => {
        Reflect.deleteProperty(table, 'save');
      };
    },
    close: async () => {
      await app.close();
      await emulator.close();
      await rm(data, { recursive: true });
    },
  };
}
