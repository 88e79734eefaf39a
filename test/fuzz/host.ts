import 'reflect-metadata';
import type { IncomingHttpHeaders } from 'node:http';
import { type ExecutionContext, Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Merchant, WanPayModule } from 'nestjs-wanpay';
import { Ledger, MemoryStore, type OrderChange, type Payment } from 'nestjs-wanpay/ledger';
import { MESSAGE_HEADER } from './message.js';
import { NOW, type Order, OWNERS } from './world.js';

/** What a host is made of. */
export interface HostMake {
  readonly adapter: 'express' | 'fastify';
  /** Whether the host has Nest's parsers. */
  readonly parser: boolean;
  /** How the registry of merchants answers. */
  readonly registry: 'sync' | 'async';
}

/** Every kind of host. */
export const HOST_MAKES: readonly HostMake[] = (['fastify', 'express'] as const).flatMap((adapter) =>
  [true, false].flatMap((parser) => (['sync', 'async'] as const).map((registry) => ({ adapter, parser, registry }))),
);

export function nameOf({ adapter, parser, registry }: HostMake): string {
  return `${adapter}/${parser ? 'parser' : 'no-parser'}/${registry}`;
}

const DAY_MS = 86_400_000;
/** Notifications may come from here. */
const ALLOWED_SOURCES = ['127.0.0.1', '10.0.0.0/8'];

/** What hosts tell of what happens in them. */
export interface Witness {
  /** The fields that a host's guards see of a message. */
  onFields(index: number, body: unknown): void;
  /** What is written into the ledger. */
  onCommit(change: OrderChange): void;
}

/** A host in this process that takes notifications. */
export class Host {
  private constructor(
    readonly make: HostMake,
    readonly port: number,
    private readonly ledger: Ledger,
    readonly close: () => Promise<void>,
  ) {}

  static async start(make: HostMake, witness: Witness): Promise<Host> {
    const adapter: AbstractHttpAdapter =
      make.adapter === 'fastify' ? new FastifyAdapter({ trustProxy: true }) : new ExpressAdapter();
    if (adapter instanceof ExpressAdapter) adapter.set('trust proxy', true);
    const app = await NestFactory.create({ module: HostModule, imports: [wanPay(make, witness)] }, adapter, {
      logger: false,
      forceCloseConnections: true,
      ...(make.parser ? {} : { bodyParser: false }),
    });
    app.useGlobalGuards({
      canActivate: (context: ExecutionContext) => {
        const { headers, body } = context.switchToHttp().getRequest<Request>();
        witness.onFields(Number(headers[MESSAGE_HEADER]), body);
        return true;
      },
    });
    await app.listen(0, '127.0.0.1');
    const port = Number(new URL(await app.getUrl()).port);
    return new Host(make, port, app.get(Ledger, { strict: false }), () => app.close());
  }

  /** Opens the payments that messages will be about. */
  async open(orders: readonly Order[]): Promise<void> {
    await Promise.all(orders.map((order) => this.ledger.open(paymentOf(order))));
  }
}

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
}

@Module({})
class HostModule {}

function wanPay({ registry }: HostMake, witness: Witness): ReturnType<typeof WanPayModule.forRoot> {
  return WanPayModule.forRoot({
    merchants: registry === 'sync' ? { find } : { find: (merchantNo) => Promise.resolve(find(merchantNo)) },
    publicUrl: 'https://shop.example',
    clock: { now: () => NOW, after: () => () => undefined },
    ledger: watched(new MemoryStore(), witness),
    allowedSources: ALLOWED_SOURCES,
    payerAccount: 'full',
    delivery: { enabled: false },
    reconciliation: { enabled: false },
    // The witness counts what its guard is asked about, so nothing else may ask it.
    notificationDecorators: [],
  });
}

const MERCHANTS = new Map<string, Merchant>(OWNERS.map((owner) => [owner.merchantNo, owner]));
const find: (merchantNo: string) => Merchant | undefined = (merchantNo) => MERCHANTS.get(merchantNo);

function watched(store: MemoryStore, witness: Witness): MemoryStore {
  const commit = store.commit.bind(store);
  store.commit = async (changes) => {
    for (const change of changes) witness.onCommit(change);
    return commit(changes);
  };
  return store;
}

function paymentOf({ owner, orderNo, amount }: Order): Payment {
  return {
    merchantNo: owner.merchantNo,
    orderNo,
    amount,
    livemode: false,
    state: 'pending',
    account: {
      number: '46710722851832',
      bankCode: '013',
      bankName: '國泰世華商業銀行',
      branchCode: '2022',
      branchName: '大昌分行',
      holder: '旺沛大數位股份有限公司',
      expiresAt: new Date(NOW.getTime() + 3 * DAY_MS),
    },
    createdAt: NOW,
    updatedAt: NOW,
  };
}
