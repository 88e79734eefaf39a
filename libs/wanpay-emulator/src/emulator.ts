import { once } from 'node:events';
import { type Server } from 'node:http';
import { type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { Bank } from './bank/bank.js';
import { type PaymentOptions } from './bank/payment.js';
import { type Duration } from './clock/duration.js';
import { VirtualClock } from './clock/virtual-clock.js';
import { brand, isInstance } from './copies.js';
import { EmulatorModule } from './emulator.module.js';
import { EmulatorSettings, type WanPayEmulatorOptions } from './emulator.settings.js';
import { ListenError, systemErrorCode } from './errors.js';
import { FaultPlan, type Faults } from './faults/fault-plan.js';
import { type JournalEntry, type RequestEntry } from './journal/entry.js';
import { Journal } from './journal/journal.js';
import { Merchants } from './merchants/merchants.js';
import { type NotificationAttempt } from './notifications/attempt-record.js';
import { Notifier } from './notifications/notifier.js';
import { OrderBook } from './orders/order-book.js';
import { type OrderRef } from './orders/order-ref.js';
import { type Order } from './orders/order.js';
import { Session } from './session/session.js';
import { Snapshots } from './state/snapshot.js';
import { readStateFile } from './state/state-file.js';
import { StateKeeper } from './state/state-keeper.js';

/** Whose order is meant. */
export interface OrderOptions {
  /** Default: the emulator's first merchant. */
  readonly merchantNo?: string | undefined;
}

/** How an order is closed. */
export interface CloseOrderOptions extends OrderOptions {
  /** Whether the merchant is notified (5803). Default: no, since 3.1.2 speaks of transactions only. */
  readonly notify?: boolean | undefined;
}

/** Which notification is sent again. */
export interface ResendOptions extends OrderOptions {
  /** Its number, as {@link NotificationAttempt} has it. Default: the order's latest. */
  readonly notification?: number | undefined;
}

/** The merchants as a test handles them. Keys have names, `k1`, `k2` …, and are not told. */
export type MerchantRegistry = Pick<Merchants, 'list' | 'add' | 'addKey' | 'removeKey' | 'allowSources'>;

/** The platform reads its own bodies, strictly; a start that fails is an error for the caller, not the end of the process. */
const APPLICATION: Readonly<NestApplicationOptions> = {
  abortOnError: false,
  bodyParser: false,
  forceCloseConnections: true,
  logger: ['error', 'warn'],
};

/**
 * Starts a platform of your own. It listens on this machine only, on a free port, and knows the vendor's test
 * merchant, unless told otherwise.
 *
 * @throws InvalidArgumentError when an option cannot be
 * @throws ListenError when the port is taken
 * @throws StateFileError when `dataFile` cannot be read or written
 */
export async function startWanPayEmulator(options: WanPayEmulatorOptions = {}): Promise<WanPayEmulator> {
  const settings = new EmulatorSettings(options);
  const kept = settings.dataFile === undefined ? undefined : await readStateFile(settings.dataFile);
  const app = await NestFactory.create<NestExpressApplication>(
    EmulatorModule.with(settings, kept),
    new ExpressAdapter(),
    APPLICATION,
  );
  app.disable('x-powered-by');
  if (kept) app.get(Snapshots).restore(kept);
  try {
    // The port first: whoever has it may have the file too.
    await listen(app, settings);
    await app.get(StateKeeper).start();
  } catch (error) {
    await app.close();
    app.get(Bank).shutDown();
    throw error;
  }
  return new WanPayEmulator(app, urlOf(settings.host, portOf(app.getHttpServer())));
}

/** The Nest application inside, as far as an emulator uses it: the package's types name no type of Nest. */
interface Application {
  get<T>(provider: new (...dependencies: never[]) => T): T;
  close(): Promise<void>;
}

/** A running emulator of the platform, and the hands of everyone on its side: the bank, the payer, the operator. */
export class WanPayEmulator implements AsyncDisposable {
  /** Where people look: the console. `http://127.0.0.1:4010` */
  readonly url: string;
  /** What the module's base URL is set to: `url` and `/wxzfservice`. */
  readonly baseUrl: string;
  /** The emulator's clock; hand it to the host, and both move together. */
  readonly clock: VirtualClock;
  /** What goes wrong, when asked for. */
  readonly faults: Faults;
  /** Who may call, with which keys and from where. */
  readonly merchants: MerchantRegistry;

  readonly #app: Application;
  readonly #bank: Bank;
  readonly #book: OrderBook;
  readonly #notifier: Notifier;
  readonly #journal: Journal;
  readonly #merchants: Merchants;
  #closed: Promise<void> | undefined;

  static {
    brand(this.prototype);
  }

  /** @internal Use {@link startWanPayEmulator}. */
  constructor(app: Application, url: string) {
    this.#app = app;
    this.#bank = app.get(Bank);
    this.#book = app.get(OrderBook);
    this.#notifier = app.get(Notifier);
    this.clock = app.get(VirtualClock);
    this.faults = app.get(FaultPlan);
    this.#journal = app.get(Journal);
    this.#merchants = app.get(Merchants);
    this.merchants = this.#merchants;
    this.url = url;
    this.baseUrl = `${this.url}/wxzfservice`;
  }

  /** Holds for an emulator of another copy of this package, too. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value);
  }

  /** The first merchant: its number, and the key that signs for it at present. */
  get merchant(): { readonly merchantNo: string; readonly key: string } {
    const { merchantNo, key } = this.#merchants.first;
    return { merchantNo, key };
  }

  /**
   * A payer pays; the merchant is notified (3.1.2). It pays an order in any state, late money included.
   *
   * @returns the order, once the first notification attempt has ended; at once for a later `at` or with `wait: false`
   * @throws UnknownOrderError
   * @throws InvalidArgumentError
   * @throws OrderStateError when the order is paid already, unless `again`
   */
  pay(orderNo: string, options: PaymentOptions & OrderOptions = {}): Promise<Order> {
    return this.#bank.pay(this.#ref(orderNo, options), options);
  }

  /**
   * The payer's transfer fails (5805); the merchant is notified.
   *
   * @returns the order, once the first notification attempt has ended
   * @throws UnknownOrderError
   * @throws OrderStateError unless the order waits for money
   */
  fail(orderNo: string, options: OrderOptions = {}): Promise<Order> {
    return this.#bank.fail(this.#ref(orderNo, options));
  }

  /**
   * The platform closes the order (5803), without a notification unless asked for.
   *
   * @throws UnknownOrderError
   * @throws OrderStateError unless the order waits for money
   */
  closeOrder(orderNo: string, options: CloseOrderOptions = {}): Promise<Order> {
    return this.#bank.close(this.#ref(orderNo, options), options.notify);
  }

  /**
   * Moves the clock forward. Each timer on the way runs at its own moment, and what it sends is answered before the
   * clock goes on; see {@link VirtualClock.advance}.
   */
  advance(by: Duration): Promise<void> {
    return this.clock.advance(by);
  }

  /** Every order, oldest first, as it stands now. */
  orders(): Order[] {
    return this.#book.list();
  }

  /**
   * An order as it stands now.
   *
   * @throws UnknownOrderError
   */
  order(orderNo: string, options: OrderOptions = {}): Order {
    return this.#book.get(this.#ref(orderNo, options));
  }

  /** Every notification attempt that has ended, oldest first. */
  notifications(): NotificationAttempt[] {
    return this.#notifier.attempts();
  }

  /**
   * All that happened to an order, oldest first: requests as they came, refused ones included, with what was wrong with
   * them; what was done to it; every notification attempt; the faults that struck.
   */
  timeline(orderNo: string, options: OrderOptions = {}): JournalEntry[] {
    return this.#journal.entriesOf(this.#ref(orderNo, options));
  }

  /** Every request of a merchant, refused ones included, oldest first. */
  requests(): RequestEntry[] {
    return this.#journal.requests();
  }

  /**
   * The session so far as a script for Node.js that replays it. Keys are not in it, but for the vendor's published one:
   * it reads them from the environment.
   *
   * @throws SessionForgottenError when it is longer than `historyLimit`
   */
  sessionScript(): string {
    return this.#app.get(Session).script();
  }

  /**
   * Sends a notification of the order once more, newly signed and timestamped (3.1.2), beside its retries.
   *
   * @throws UnknownOrderError
   * @throws NothingToResendError
   */
  resend(orderNo: string, options: ResendOptions = {}): Promise<NotificationAttempt> {
    return this.#notifier.resend(this.#ref(orderNo, options), options.notification);
  }

  /** Resolves when no notification attempt is in flight. */
  idle(): Promise<void> {
    return this.#notifier.idle();
  }

  /** Shuts down: breaks off what is in flight, withdraws its timers and frees the port. Calling it again is harmless. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    await this.#notifier.close();
    await this.#app.close();
    await this.#app.get(StateKeeper).close();
    this.#bank.shutDown();
  }

  #ref(orderNo: string, { merchantNo = this.merchant.merchantNo }: OrderOptions): OrderRef {
    return { merchantNo, orderNo };
  }
}

/** Listens by the server itself: Nest would log a failure besides throwing it. */
async function listen(app: NestExpressApplication, { port, host }: EmulatorSettings): Promise<void> {
  await app.init();
  const server: Server = app.getHttpServer();
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new ListenError(`Cannot listen on ${host}, port ${port}: ${reasonOf(error)}.`, { cause: error });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new ListenError('The server has no port.');
  return address.port;
}

/** An address that means "all of them" is reached by this machine's own. */
function urlOf(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

function reasonOf(error: unknown): string {
  const code = systemErrorCode(error) ?? String(error);
  return REASONS[code] ?? code;
}
