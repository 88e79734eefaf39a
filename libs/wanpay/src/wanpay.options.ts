import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { MerchantRegistry } from './platform/merchants.js';
import { PLATFORM_BASE_URL } from './platform/platform.js';
import type { PayerAccountPolicy } from './ledger/payer.js';
import type { LedgerStore } from './ledger/store.js';
import type { WorkQueue } from './ledger/work-queue.js';
import type { Telemetry } from './wanpay.status.js';
import { type Clock, TIMESTAMP_VALIDITY_SECONDS } from './protocol/index.js';

const CLOCK_TOLERANCE_SECONDS = 60;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/** Options of which each may be left out, or be undefined for its default. */
export type Given<Options> = { [Name in keyof Options]?: Options[Name] | undefined };

/** The merchant that is paid. */
export class MerchantOptions {
  /** The number that the platform gave, 1 to 30 characters. */
  merchantNo!: string;

  /** The key that the platform gave. */
  key?: string | undefined;

  /** Instead of `key`, during a rotation: the newest first. The newest signs, all of them verify. */
  keys?: string[] | undefined;
}

/** How events are delivered to the host's handlers. */
export class DeliveryOptions {
  /** Whether this process delivers. One that only takes payments leaves the deliveries to others. */
  enabled = true;

  /** How long an event of a type that no handler has subscribed to yet is kept for the first that does, in days; 0 to 3650. */
  keepUnsubscribedDays = 30;

  /** Attempts before a delivery becomes a dead letter, the first included; 1 to 100. */
  maxAttempts = 15;

  /** The ceiling of the first pause after a failure, in milliseconds; it doubles with each attempt. */
  baseDelayMs = SECOND_MS;

  /** The highest ceiling of a pause, in milliseconds. */
  maxDelayMs = HOUR_MS;

  /** How many handlers run at once. */
  concurrency = 64;

  /** How long a handler may take before its signal is aborted and its place is given to another, in milliseconds. */
  handlerTimeoutMs = 60 * SECOND_MS;
}

/** When and how payments are checked of which no notification tells. */
export class ReconciliationOptions {
  /** Whether this process asks by itself; at least one of those that share a ledger should. */
  enabled = true;

  /** How many queries are sent in any second at most, for each merchant: the platform restricts its callers. */
  queriesPerSecond = 5;

  /** How many queries are under way at once. */
  concurrency = 4;

  /** Minutes from a payment's creation to its first check. */
  firstCheckMinutes = 15;

  /** By how much a payment is older at each check than at the one before: 2 means twice as old. */
  growth = 2;

  /** The longest pause between two checks until the deadline, in hours. */
  longestPauseHours = 12;

  /** Minutes from the deadline to each of the checks that follow it; what is unpaid an hour after it is expired. */
  afterDeadlineMinutes: number[] = [5, 30, 65, 180, 720];

  /** Days from the deadline to each of the last looks, for money that comes late. */
  lastLookDays: number[] = [3];

  /** By how much a check may come later than planned, as a share of the pause that follows it; 0 to 0.9. */
  jitter = 0.5;
}

/** The options that are plain values, as a configuration file could hold them; the initialisers are the defaults. */
export class WanPayOptions {
  /** The merchant that is paid. Either this or `merchants`. */
  merchant?: MerchantOptions;

  /** The platform's address, without the interfaces' names. Point it at the emulator to develop. */
  baseUrl: string = PLATFORM_BASE_URL;

  /**
   * The address under which the platform reaches this host; the notification path is appended to make `backurl`. It must not
   * hold `?`, `&` or `#`.
   */
  publicUrl?: string;

  /** The whole notification address, where `publicUrl`, the global prefix and the path don't make it; without `?`, `&` and `#`. */
  notificationUrl?: string;

  /** Where the payer's browser is sent back to, unless a payment says otherwise; without `?`, `&` and `#`. */
  returnUrl?: string;

  /** Days an account is valid, 1 to 30, unless a payment says otherwise; left out, the platform decides. */
  validDays?: number;

  /** How long an exchange with the platform may take, in milliseconds. */
  timeoutMs = 10 * SECOND_MS;

  /**
   * A forward proxy with a registered address, such as `http://user:password@10.0.0.5:3128`. Left out, the environment's
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count.
   */
  proxy?: string;

  /** Seconds that a notification's timestamp may be off: the protocol's 600, and a tolerance for clocks that differ. */
  timestampWindowSeconds = TIMESTAMP_VALIDITY_SECONDS + CLOCK_TOLERANCE_SECONDS;

  /** IPv4 and IPv6 addresses and CIDR ranges that notifications may come from; empty, any. Mind the host's trust-proxy setting. */
  allowedSources: string[] = [];

  /** How much of a payer's account is kept: `masked`, its last five digits, or `full`. */
  payerAccount: PayerAccountPolicy = 'masked';

  /** How events are taken to the handlers. */
  delivery: Given<DeliveryOptions> = new DeliveryOptions();

  /** When and how payments are checked. */
  reconciliation: Given<ReconciliationOptions> = new ReconciliationOptions();

  /** Whether a "paid" by notification is believed only once a query has confirmed it. Otherwise its signature is believed. */
  confirmPaidByQuery = false;
}

/** The options that are objects with behaviour. */
export interface WanPayCollaborators {
  /** Many merchants, looked up by number; `createPayment` then needs a `merchantNo`. */
  merchants?: MerchantRegistry | undefined;
  /** Where payments are kept. Left out, in memory: gone when the process ends, and refused in production. */
  ledger?: LedgerStore | undefined;
  /** Carries word of work between the processes that share a ledger, such as `bullmq()` of `nestjs-wanpay/bullmq`. */
  queue?: WorkQueue | undefined;
  /** Sees what the module does, such as `openTelemetry()` of `nestjs-wanpay/telemetry`. */
  telemetry?: Telemetry | undefined;

  /** Where time comes from; tests pass the emulator's clock. */
  clock?: Clock | undefined;

  /** Replaces Node's own agent for `http:` addresses. */
  httpAgent?: HttpAgent | undefined;

  /** Replaces Node's own agent for `https:` addresses: client certificates, an agent that goes through a proxy. */
  httpsAgent?: HttpsAgent | undefined;
}

/** What a host passes: whatever is left out has its default. */
export type WanPayModuleOptions = Given<WanPayOptions> & WanPayCollaborators;
