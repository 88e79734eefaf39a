import { Agent, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication, Post } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Queue } from 'bullmq';
import * as root from 'nestjs-wanpay';
import {
  type Merchant,
  type MerchantRegistry,
  WanPayError,
  WanPayModule,
  type WanPayModuleOptions,
  type WanPayService,
} from 'nestjs-wanpay';
import * as bullmqDoor from 'nestjs-wanpay/bullmq';
import * as ledgerDoor from 'nestjs-wanpay/ledger';
import * as conformanceDoor from 'nestjs-wanpay/ledger-conformance';
import * as mysqlDoor from 'nestjs-wanpay/mysql';
import * as postgresDoor from 'nestjs-wanpay/postgres';
import * as protocolDoor from 'nestjs-wanpay/protocol';
import * as sqliteDoor from 'nestjs-wanpay/sqlite';
import { Pool } from 'pg';
import { type WanPayEmulator } from 'wanpay-emulator';
import { afterTest, forAllTests } from './after-test.js';
import { CapturedLog } from './captured-log.js';
import { startFakePlatform } from './fake-platform.js';
import { startForwardProxy } from './forward-proxy.js';
import { type Host, optionsFor, portOf, startHost, startHostOf } from './host.js';
import { findLeaks, type Planted, plantedIn } from './leaks.js';
import { send } from './http.js';
import { notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { until } from './until.js';

const KEY = 'planted-newest-key';
const OLD_KEY = 'planted-older-key';
const REGISTRY_KEY = 'planted-key-of-a-registry';
const PROXY_PASSWORD = 'planted-proxy-password';
const AGENT_PASSWORD = 'planted-agent-password';
const DATABASE_PASSWORD = 'planted-database-password';
const QUEUE_PASSWORD = 'planted-queue-password';
const PAYER_ACCOUNT = '0004123456789012';

const CONNECTION_STRING = `postgres://wanpay:${DATABASE_PASSWORD}@127.0.0.1:1/shop`;
const MYSQL_URI = `mysql://wanpay:${DATABASE_PASSWORD}@127.0.0.1:1/shop`;

const PLANTED: Planted = {
  KEY,
  OLD_KEY,
  REGISTRY_KEY,
  PROXY_PASSWORD,
  PROXY_AUTHORIZATION: Buffer.from(`user:${PROXY_PASSWORD}`).toString('base64'),
  AGENT_PASSWORD,
  DATABASE_PASSWORD,
  QUEUE_PASSWORD,
  PAYER_ACCOUNT,
  SIGNATURE: /\b[0-9A-F]{32}\b/,
};

/** A registry as hosts write them, with its keys where anybody can print them. */
class OpenRegistry implements MerchantRegistry {
  readonly merchants = new Map<string, Merchant>([['M2', { merchantNo: 'M2', keys: [REGISTRY_KEY] }]]);

  find(merchantNo: string): Merchant | undefined {
    return this.merchants.get(merchantNo);
  }
}

/** Knows its proxy, as agents that open tunnels do. */
class ProxyAgent extends Agent {
  readonly proxy = new URL(`http://user:${AGENT_PASSWORD}@127.0.0.1:1`);
}

/** Fails as a driver or a client does that hangs on its error what it worked with. */
class FailingAgent extends Agent {
  override createConnection(): never {
    throw Object.assign(new Error(`tunnel through http://user:${AGENT_PASSWORD}@127.0.0.1:1 failed`), {
      proxy: { password: AGENT_PASSWORD },
    });
  }
}

/** It handles no error, so Nest logs whatever is thrown, with all that hangs on it. */
@Controller('checkout')
class Checkout {
  @Post()
  start(): Promise<unknown> {
    return host.wanpay.createPayment({ orderNo: 'A2', amount: 50, merchantNo: 'M9' });
  }
}

/** Of the hosts that failed: Nest's log is the process's, so each host takes over that of those before it. */
const logs: CapturedLog[] = [];
let emulator: WanPayEmulator;
let host: Host;
let planted: Planted;
beforeAll(async () => {
  await forAllTests(async () => {
    emulator = await startPlatform({
      merchants: [
        { merchantNo: 'M1', key: KEY },
        { merchantNo: 'M2', key: REGISTRY_KEY },
      ],
    });
    host = await startRichHost();
    planted = await usePayments();
  });
});

/** One instance behind a proxy with a password, and one with a registry, an agent and a queue that is away. */
async function startRichHost(): Promise<Host> {
  const proxy = await startForwardProxy();
  const queue = new Queue('wanpay', {
    connection: { host: '127.0.0.1', port: await startRedisThatRefuses(), password: QUEUE_PASSWORD },
  });
  // It never got as far as being ready, which an orderly way to close it would wait for.
  afterTest(() => Promise.resolve(void queue.close().catch(() => undefined)));
  return startHostOf('Express', {
    controllers: [Checkout],
    imports: (url) => [
      WanPayModule.forRoot({
        ...optionsFor(emulator, url),
        merchant: { merchantNo: 'M1', keys: [KEY, OLD_KEY] },
        proxy: `http://user:${PROXY_PASSWORD}@127.0.0.1:${proxy.port}`,
        payerAccount: 'full',
      }),
      WanPayModule.forRootAsync({
        name: 'other',
        useFactory: () => ({
          ...optionsFor(emulator, url, { merchants: new OpenRegistry() }),
          httpAgent: new ProxyAgent(),
          queue: bullmqDoor.bullmq(queue),
        }),
      }),
    ],
  });
}

/** A Redis that takes no password. What it says of that ends up in errors that hold the command with the password. */
async function startRedisThatRefuses(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const commands = bytes.toString().match(/^\*/gm) ?? [];
      socket.write('-WRONGPASS invalid password\r\n'.repeat(commands.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

/** Two payments are opened, one is paid; from then on their accounts are secrets, too. */
async function usePayments(): Promise<Planted> {
  const other = host.app.get<WanPayService>(root.getWanPayToken('other'), { strict: false });
  const { account } = await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
  await other.createPayment({ merchantNo: 'M2', orderNo: 'B1', amount: 50 });
  await emulator.pay('A1', { payerAccount: PAYER_ACCOUNT });
  await send(`${host.url}/checkout`);
  await until(() => host.handler.of('atm.paid').length === 1, 'the payment is paid');
  return { ...PLANTED, ACCOUNT: account.number };
}

/** Every kind of failure that had something to hide. */
function failures(): Readonly<Record<string, () => Promise<unknown>>> {
  const opening = (options: WanPayModuleOptions) => async (): Promise<unknown> => {
    const merchant = { merchantNo: 'M1', key: KEY };
    const logger = new CapturedLog();
    logs.push(logger);
    const { wanpay } = await startHost('Express', emulator, { merchant, ...options }, { application: { logger } });
    return wanpay.createPayment({ merchantNo: 'M1', orderNo: 'A1', amount: 50 });
  };
  const answering = (answer: (response: ServerResponse) => void) => async (): Promise<unknown> => {
    const { baseUrl } = await startFakePlatform(answer);
    return opening({ baseUrl, timeoutMs: 100 })();
  };
  const rejecting = (error: Error): MerchantRegistry => ({ find: () => Promise.reject(error) });
  const words = `${'\u001b[31m'.repeat(50)}the key ${KEY} signs ${'AB'.repeat(16)} for ${PAYER_ACCOUNT} `;
  return {
    'a refusal that quotes a key': answering((response) => {
      response.end(JSON.stringify({ status: '910', info: words.repeat(500) }));
    }),
    'a reply that is signed wrongly': answering((response) => {
      response.end(JSON.stringify({ status: '900', info: '', sign: 'AB'.repeat(16), data: { acctno: PAYER_ACCOUNT } }));
    }),
    'a reply that is none': answering((response) => {
      response.end(words.repeat(500));
    }),
    'no answer in time': answering(() => undefined),
    'a connection that breaks': answering((response) => response.destroy()),
    'a proxy that is away': opening({ proxy: `http://user:${PROXY_PASSWORD}@127.0.0.1:1` }),
    'an agent that fails': opening({ httpAgent: new FailingAgent() }),
    'a registry that fails': opening({
      merchants: rejecting(
        Object.assign(new Error(`connect to ${CONNECTION_STRING} failed`), {
          config: { connectionString: CONNECTION_STRING },
          cause: Object.assign(new Error(`password=${DATABASE_PASSWORD}`), { address: CONNECTION_STRING }),
        }),
      ),
    }),
    'a registry that answers something else': opening({
      merchants: { find: (merchantNo) => ({ merchantNo, keys: [` ${KEY}`] }) },
    }),
    'options that are wrong': opening({
      ...{ [`\u001b[31m${'AB'.repeat(16)}`.repeat(40)]: 1 },
      merchant: { merchantNo: 'M1', key: `${KEY} ` },
      proxy: `socks://user:${PROXY_PASSWORD}@127.0.0.1:1`,
    }),
    'a database that is away': opening({ ledger: postgresDoor.postgres({ connectionString: CONNECTION_STRING }) }),
    'a database whose address can’t be read': opening({
      ledger: postgresDoor.postgres({ connectionString: `postgres://wanpay:${DATABASE_PASSWORD}@[bad` }),
    }),
    'a MySQL that is away': opening({ ledger: mysqlDoor.mysql({ uri: MYSQL_URI }) }),
    'a MySQL whose address can’t be read': opening({
      ledger: mysqlDoor.mysql({ uri: `mysql://wanpay:${DATABASE_PASSWORD}@[bad` }),
    }),
    'a notification that is signed wrongly': async () => {
      const fields = { ...notification(emulator, { out_trade_no: 'A1', total_fee: '5000', acctno: PAYER_ACCOUNT }) };
      await postForm(host.notificationUrl, { ...fields, total_fee: '1' });
      return host.wanpay.parseReturn({ ...fields, total_fee: '1' });
    },
  };
}

/** Whatever the module has put into the host's container. */
function partsOf(app: INestApplication): [string, unknown][] {
  const own = new Set<unknown>([WanPayModule]);
  const modules = [...app.get(ModulesContainer).values()];
  return modules
    .filter(
      ({ metatype }) => own.has(metatype) || metatype.name === 'HostLifecycleModule' || metatype.name === 'HttpModule',
    )
    .flatMap(({ metatype, providers, controllers }) =>
      [...providers.values(), ...controllers.values()].map(({ token, instance }): [string, unknown] => [
        `${metatype.name} ${typeof token === 'function' ? token.name : String(token)}`,
        instance,
      ]),
    )
    .filter(([name]) => !/ (ModuleRef|ApplicationConfig|REQUEST|INQUIRER)$/.test(name));
}

describe('what is planted is given away by', () => {
  it.each(
    Object.entries({
      root,
      bullmqDoor,
      ledgerDoor,
      conformanceDoor,
      mysqlDoor,
      postgresDoor,
      protocolDoor,
      sqliteDoor,
    }),
  )('nothing that %s exports', (name, door) => {
    expect(Object.entries(door).flatMap(([key, value]) => findLeaks(`${name}.${key}`, value, planted))).toEqual([]);
  });

  it('no part of the module in a host', () => {
    const parts = partsOf(host.app);
    expect(parts.length).toBeGreaterThan(50);
    const leaks = parts.flatMap(([name, value]) => findLeaks(name, value, planted));
    expect(leaks).toEqual([]);
  });

  it('no store or dynamic module', () => {
    const pool = new Pool({ connectionString: CONNECTION_STRING });
    afterTest(() => pool.end());
    const values = {
      postgres: postgresDoor.postgres({ connectionString: CONNECTION_STRING }),
      'postgres with a pool': postgresDoor.postgres({ pool }),
      mysql: mysqlDoor.mysql({ uri: MYSQL_URI }),
      forRoot: WanPayModule.forRoot({ merchant: { merchantNo: 'M1', key: KEY, keys: [OLD_KEY] } }),
    };
    expect(Object.entries(values).flatMap(([name, value]) => findLeaks(name, value, planted))).toEqual([]);
  });

  it.each(Object.entries(failures()))('no error, of %s', async (name, fail) => {
    const error: unknown = await fail().then(
      () => 'It did not fail.',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WanPayError);
    expect(findLeaks(name, error, planted)).toEqual([]);
  });

  it('no line of the log, at any level', () => {
    const text = [host.log, ...logs].map((log) => log.text).join('\n');
    expect(text).toContain('fails, so work is found by looking');
    expect(text).toContain('ExceptionsHandler');
    expect(text).toContain('The signature is wrong.');
    expect(plantedIn(text, planted)).toEqual([]);
  });
});
