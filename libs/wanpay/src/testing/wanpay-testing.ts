import { inspect } from 'node:util';
import type { HttpService } from '@nestjs/axios';
import type { ModuleRef } from '@nestjs/core';
import type { Payment } from '../ledger/payment.js';
import { type Clock, type Fields, formatTaipei, signNotification, toCents, toTimestamp } from '../protocol/index.js';
import type { WanPayModuleOptions } from '../wanpay.options.js';
import { DEFAULT_INSTANCE } from '../wanpay.tokens.js';
import { type Duration, toMilliseconds } from './duration.js';
import { HandlerFailedError, NoInstanceError, NotStartedError, TestOrderError } from './errors.js';
import { FakePlatform, type PlatformTrouble, STATE_CODES } from './fake-platform.js';
import type { OrderChoice, TestOrder } from './order-book.js';
import { TestClock } from './test-clock.js';
import { TestedInstance } from './tested-instance.js';
import { testOptions, type WanPayTestingOptions } from './testing-options.js';

/** How a payer pays, where it is not the whole amount at once. */
export interface PayOrderOptions extends OrderChoice {
  /** Whole New Taiwan dollars; left out, what the order asks for. Another amount does not pay it. */
  readonly amount?: number | undefined;
  /** The payer's bank, three digits. */
  readonly bankCode?: string | undefined;
  /** The payer's account; left out, another one at each payment. */
  readonly account?: string | undefined;
  /** False for a notification that is lost: the module learns of the money by a check, once the clock is moved. */
  readonly notify?: boolean | undefined;
}

/** Which instance of the module is meant, where the host has several. */
export interface InstanceChoice {
  /** Its name. */
  readonly instance?: string | undefined;
}

const PAYER_BANK = '822';
/** What is unpaid an hour after the deadline is expired. */
const EXPIRY_MS = 61 * 60_000;

/**
 * The platform, the payer and the clock of a test. Each method resolves when the host's handlers are done with what came of it.
 *
 * It comes with `WanPayTestingModule`: `moduleRef.get(WanPayTesting)`.
 */
export class WanPayTesting {
  readonly #clock: TestClock;
  readonly #platform: FakePlatform;
  readonly #options: WanPayTestingOptions;
  readonly #instances = new Map<string, TestedInstance>();
  #payers = 0;

  /** @internal Made by `WanPayTestingModule`. */
  constructor(options: WanPayTestingOptions) {
    this.#options = options;
    this.#clock = new TestClock(options.now ?? new Date());
    this.#platform = new FakePlatform(this.#clock);
  }

  /** The module's clock, for what else in the host tells the time. It stands still until {@link advance} moves it. */
  get clock(): Clock {
    return this.#clock;
  }

  /** The orders that the host opened, oldest first. */
  get orders(): readonly TestOrder[] {
    return this.#platform.orders.all;
  }

  /**
   * The order's payer transfers money, and the platform notifies the module. Call it once more for a second transfer, and after
   * {@link expireOrder} for money that is late.
   *
   * @returns the payment as it then is
   * @throws HandlerFailedError when a handler fails
   * @throws TestOrderError when the host has not opened the order
   * @throws NotStartedError before `await moduleRef.init()`, NoInstanceError where the host has no such instance
   */
  async payOrder(orderNo: string, options: PayOrderOptions = {}): Promise<Payment> {
    await this.#start();
    const order = this.#platform.orders.get(orderNo, options);
    const { amount = order.amount, bankCode = PAYER_BANK, notify = true } = options;
    this.#payers += 1;
    const account = options.account ?? String(this.#payers).padStart(14, '0');
    const transfer = { amount, at: this.#clock.now(), bankCode, account };
    const paid = this.#platform.orders.save({ ...order, state: 'paid', transfer });
    return notify ? this.#tell(paid) : this.#paymentOf(paid);
  }

  /** The payer's transfer fails (5805), and the platform notifies the module. It throws what {@link payOrder} throws. */
  async failOrder(orderNo: string, choice: OrderChoice = {}): Promise<Payment> {
    await this.#start();
    const order = this.#platform.orders.get(orderNo, choice);
    return this.#tell(this.#platform.orders.save({ ...order, state: 'failed' }));
  }

  /** The platform closes the order (5803), and the module asks about it. It throws what {@link payOrder} throws. */
  async closeOrder(orderNo: string, choice: OrderChoice = {}): Promise<Payment> {
    await this.#start();
    const order = this.#platform.orders.get(orderNo, choice);
    return this.#ask(this.#platform.orders.save({ ...order, state: 'closed' }));
  }

  /** Moves the clock beyond the order's deadline, until the payment is expired. It throws what {@link payOrder} throws. */
  async expireOrder(orderNo: string, choice: OrderChoice = {}): Promise<Payment> {
    await this.#start();
    const order = this.#platform.orders.get(orderNo, choice);
    await this.#moveTo(new Date(order.expiresAt.getTime() + EXPIRY_MS));
    return this.#ask(order);
  }

  /** The platform notifies the module of how the order stands, once more. It throws what {@link payOrder} throws. */
  async notify(orderNo: string, choice: OrderChoice = {}): Promise<Payment> {
    await this.#start();
    return this.#tell(this.#platform.orders.get(orderNo, choice));
  }

  /**
   * The notification that the platform would send of an order, correctly signed: post it to the host as a form, or hand it to
   * {@link receive}.
   *
   * @param fields take the place of what the platform would say, and are signed with the rest
   * @throws TestOrderError when the order is unpaid: call `payOrder(orderNo, { notify: false })` first
   */
  async signedNotification(orderNo: string, fields: Fields = {}, choice: OrderChoice = {}): Promise<Fields> {
    const order = this.#platform.orders.get(orderNo, choice);
    const { transfer, state, merchantNo, amount } = order;
    if (state === 'unpaid') {
      throw new TestOrderError(
        `There is nothing to tell of order ${orderNo}: call payOrder('${orderNo}', { notify: false }) first.`,
      );
    }
    const [key = ''] = await this.#instance(order.instance).keysOf(merchantNo);
    const payment = {
      orgno: merchantNo,
      out_trade_no: orderNo,
      status: STATE_CODES[state],
      total_fee: toCents(transfer?.amount ?? amount),
      orderdate: formatTaipei(transfer?.at ?? this.#clock.now()),
      ...(transfer ? { bankno: transfer.bankCode, acctno: transfer.account } : {}),
    };
    return signNotification({ secondtimestamp: toTimestamp(this.#clock.now()), ...payment, ...fields }, key);
  }

  /**
   * Hands a notification to the module, as its route does with what is posted to it.
   *
   * @throws NotificationRefusedError when its form, merchant, signature or timestamp is wrong
   * @throws HandlerFailedError when a handler fails
   */
  async receive(notification: Fields, { instance = DEFAULT_INSTANCE }: InstanceChoice = {}): Promise<void> {
    await this.#start();
    await this.#instance(instance).receive(notification);
    await this.settle();
  }

  /**
   * Moves the clock forward. What falls due on the way happens at its own moment: handlers are tried again, payments are
   * checked, accounts lapse.
   *
   * @throws HandlerFailedError when a handler failed on the way, and was not successful later
   */
  async advance(by: Duration): Promise<void> {
    await this.#start();
    await this.#moveTo(new Date(this.#clock.now().getTime() + toMilliseconds(by)));
    this.#throwFailures();
  }

  /**
   * Waits until the handlers are done with what has happened so far, such as a notification that the test posted.
   *
   * @throws HandlerFailedError when a handler fails
   */
  async settle(): Promise<void> {
    await this.#start();
    await this.#moveTo(this.#clock.now());
    this.#throwFailures();
  }

  /** What is wrong with the platform from now on; `undefined` for nothing. */
  setTrouble(trouble: PlatformTrouble | undefined): void {
    this.#platform.trouble = trouble;
  }

  /** @internal Takes an instance under test, and returns the options that it is made from. */
  attach(name: string, modules: ModuleRef, http: HttpService): WanPayModuleOptions {
    const instance = new TestedInstance(name, modules);
    this.#instances.set(name, instance);
    http.axiosRef.defaults.adapter = this.#platform.adapterFor(instance);
    return testOptions(this.#options, this.#clock, this.#instances.size);
  }

  /** What it is made of is nothing to print. */
  [inspect.custom](): string {
    return 'WanPayTesting {}';
  }

  async #tell(order: TestOrder): Promise<Payment> {
    const { orderNo, merchantNo, instance } = order;
    await this.receive(await this.signedNotification(orderNo, {}, { merchantNo }), { instance });
    return this.#paymentOf(order);
  }

  async #ask(order: TestOrder): Promise<Payment> {
    await this.#instance(order.instance).query(order.orderNo, order.merchantNo);
    await this.settle();
    return this.#paymentOf(order);
  }

  async #paymentOf({ orderNo, merchantNo, instance }: TestOrder): Promise<Payment> {
    const payment = await this.#instance(instance).payment(orderNo, merchantNo);
    if (!payment) throw new TestOrderError(`The ledger has no payment ${orderNo} any more.`);
    return payment;
  }

  #instance(name: string): TestedInstance {
    const instance = this.#instances.get(name);
    if (instance) return instance;
    throw new NoInstanceError(name, [...this.#instances.keys()]);
  }

  async #start(): Promise<void> {
    if (this.#instances.size === 0) throw new NoInstanceError(undefined, []);
    for (const instance of this.#instances.values()) {
      if (!(await instance.begin())) throw new NotStartedError('The host has not started, or has been closed.');
    }
  }

  /** One timer after the other, each with what came of it done before the clock goes on. */
  async #moveTo(moment: Date): Promise<void> {
    do {
      for (const instance of this.#instances.values()) await instance.idle();
    } while (this.#clock.runNext(moment));
    this.#clock.moveTo(moment);
  }

  #throwFailures(): void {
    const failures = [...this.#instances.values()].flatMap((instance) => instance.takeFailures());
    if (failures.length > 0) throw new HandlerFailedError(failures);
  }
}
