import { type VirtualClockOptions } from './clock/virtual-clock.js';
import { InvalidArgumentError } from './errors.js';
import { type MerchantOptions } from './merchants/merchants.js';
import { TEST_MERCHANT } from './merchants/test-merchant.js';
import { assertSchedule, type RetrySchedule } from './notifications/retry-schedule.js';
import { type AmountUnit } from './orders/amount.js';

/** How the emulator behaves; everything has a default. */
export interface WanPayEmulatorOptions {
  /** The port to listen on. Default: a free one. */
  readonly port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`, this machine only. */
  readonly host?: string | undefined;
  /** Names by which people reach the console besides `localhost` and addresses, such as that of a proxy. Default: none. */
  readonly publicHosts?: readonly string[] | undefined;
  /** Who may call. Default: the test merchant that the vendor publishes (2.1). */
  readonly merchants?: readonly MerchantOptions[] | undefined;
  /** How the emulator's clock begins. Default: running, at the present. */
  readonly clock?: VirtualClockOptions | undefined;
  /** Minutes after which a notification that was not acknowledged is sent again (3.1.2). Default: 1, 3 and 5. */
  readonly retryMinutes?: readonly number[] | undefined;
  /** What these minutes are counted from; the protocol does not say. Default: the attempt before. */
  readonly retryFrom?: RetrySchedule['from'] | undefined;
  /** The unit of `total_fee` in the reply to a query (3.1.3). Default: dollars, as `1280.00`. */
  readonly queryAmountUnit?: AmountUnit | undefined;
  /** Whether `total_fee` in the reply to a query is a JSON number, as in the vendor's sample. Default: no, a text. */
  readonly queryAmountAsNumber?: boolean | undefined;
  /** The unit of `total_fee` in a notification (3.1.2). Default: cents, as `128000`. */
  readonly notificationAmountUnit?: AmountUnit | undefined;
  /** How long a notification waits for its reply, in milliseconds of real time. Default: 10 seconds. */
  readonly notificationTimeoutMs?: number | undefined;
  /**
   * Where every notification is posted to, in place of its order's `backurl`: an origin, which keeps the path, or a whole
   * address. Default: the `backurl`.
   */
  readonly notificationTarget?: string | undefined;
  /** The days that an account is valid when the order has no `virtualatmvalidity` (3.1.1), 1 to 30. Default: 7. */
  readonly defaultValidDays?: number | undefined;
  /** A file that keeps the state across restarts. When it exists, its clock and merchants count, not the options'. */
  readonly dataFile?: string | undefined;
  /** Decides which occasions a fault strikes that strikes by share. Default: 1; the same seed strikes the same ones. */
  readonly seed?: number | undefined;
  /** How many requests, attempts and other events are remembered, from 100. Default: 50,000. */
  readonly historyLimit?: number | undefined;
  /** How many bytes of memory they may take, about, from 100,000. Default: 33,554,432. Bodies are cut at 16,384 characters. */
  readonly historyBytes?: number | undefined;
  /**
   * How many orders are kept, from 100. Default: 100,000. Beyond that, the oldest that have ended are forgotten; where all
   * are open, new ones are answered 993.
   */
  readonly orderLimit?: number | undefined;
}

/** The longest validity of an account (3.1.1), in days. */
export const MAX_VALID_DAYS = 30;
const MAX_PORT = 65_535;
const LEAST_HISTORY = 100;
const LEAST_HISTORY_BYTES = 100_000;
const LEAST_ORDERS = 100;

/** The options with their defaults, checked. */
export class EmulatorSettings {
  readonly port: number;
  readonly host: string;
  readonly publicHosts: readonly string[];
  readonly merchants: readonly MerchantOptions[];
  readonly clock: VirtualClockOptions;
  readonly retrySchedule: RetrySchedule;
  readonly queryAmountUnit: AmountUnit;
  readonly queryAmountAsNumber: boolean;
  readonly notificationAmountUnit: AmountUnit;
  readonly notificationTimeoutMs: number;
  readonly notificationTarget: URL | undefined;
  readonly defaultValidDays: number;
  readonly dataFile: string | undefined;
  readonly seed: number;
  readonly historyLimit: number;
  readonly historyBytes: number;
  readonly orderLimit: number;

  /** @throws InvalidArgumentError naming the first option that cannot be */
  constructor(options: WanPayEmulatorOptions) {
    this.port = options.port ?? 0;
    this.host = options.host ?? '127.0.0.1';
    this.publicHosts = (options.publicHosts ?? []).map(readHostName);
    this.merchants = options.merchants ?? [TEST_MERCHANT];
    this.clock = options.clock ?? {};
    this.retrySchedule = { minutes: options.retryMinutes ?? [1, 3, 5], from: options.retryFrom ?? 'previous' };
    this.queryAmountUnit = options.queryAmountUnit ?? 'dollars';
    this.queryAmountAsNumber = options.queryAmountAsNumber ?? false;
    this.notificationAmountUnit = options.notificationAmountUnit ?? 'cents';
    this.notificationTimeoutMs = options.notificationTimeoutMs ?? 10_000;
    this.notificationTarget =
      options.notificationTarget === undefined ? undefined : readTarget(options.notificationTarget);
    this.defaultValidDays = options.defaultValidDays ?? 7;
    this.dataFile = options.dataFile;
    this.seed = options.seed ?? 1;
    this.historyLimit = options.historyLimit ?? 50_000;
    this.historyBytes = options.historyBytes ?? 33_554_432;
    this.orderLimit = options.orderLimit ?? 100_000;
    assertWhole('seed', this.seed, 0, Number.MAX_SAFE_INTEGER);
    assertWhole('historyLimit', this.historyLimit, LEAST_HISTORY, Number.MAX_SAFE_INTEGER);
    assertWhole('historyBytes', this.historyBytes, LEAST_HISTORY_BYTES, Number.MAX_SAFE_INTEGER);
    assertWhole('orderLimit', this.orderLimit, LEAST_ORDERS, Number.MAX_SAFE_INTEGER);
    assertWhole('port', this.port, 0, MAX_PORT);
    assertWhole('notificationTimeoutMs', this.notificationTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
    assertWhole('defaultValidDays', this.defaultValidDays, 1, MAX_VALID_DAYS);
    assertSchedule(this.retrySchedule);
  }
}

function readHostName(text: string): string {
  const name = text.toLowerCase();
  if (URL.canParse(`http://${name}`) && new URL(`http://${name}`).hostname === name) return name;
  throw new InvalidArgumentError('publicHosts', 'must hold host names alone, such as emulator.example.');
}

function readTarget(text: string): URL {
  const target = URL.canParse(text) ? new URL(text) : undefined;
  if (target && /^https?:$/.test(target.protocol)) return target;
  throw new InvalidArgumentError('notificationTarget', 'must be an address, such as http://127.0.0.1:3000.');
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(name, `must be a whole number from ${least} to ${most}.`);
  }
}
