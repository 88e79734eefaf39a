import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsUrl,
  Length,
  Max,
  Min,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import type { MerchantRegistry } from './platform/merchants.js';
import { PLATFORM_BASE_URL } from './platform/platform.js';
import type { PayerAccountPolicy } from './ledger/payer.js';
import type { LedgerStore } from './ledger/store.js';
import type { WorkQueue } from './ledger/work-queue.js';
import type { Telemetry } from './wanpay.status.js';
import { isRange } from './notifications/source-list.js';
import {
  type Clock,
  isKey,
  isPlainAddress,
  MAX_KEY_LENGTH,
  MAX_VALID_DAYS,
  TIMESTAMP_VALIDITY_SECONDS,
} from './protocol/index.js';

const WEB_ADDRESS = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };
const PROXY_ADDRESS = { ...WEB_ADDRESS, disallow_auth: false };
const CLOCK_TOLERANCE_SECONDS = 60;
const NO_KEY = `must be text of 1 to ${MAX_KEY_LENGTH} characters without space around it`;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

@ValidatorConstraint({ name: 'isSourceRange' })
class IsSourceRange implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isRange(value);
  }
}

/** The vendor's documents forbid `?`, `&` and `#` in the addresses that are sent to the platform. */
@ValidatorConstraint({ name: 'isPlainAddress' })
class IsPlainAddress implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isPlainAddress(value);
  }
}

@ValidatorConstraint({ name: 'isTrimmed' })
class IsTrimmed implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && value.trim() === value;
  }
}

@ValidatorConstraint({ name: 'isKey' })
class IsKey implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return isKey(value);
  }
}

/** Options of which each may be left out, or be undefined for its default. */
export type Given<Options> = { [Name in keyof Options]?: Options[Name] | undefined };

/** The merchant that is paid. */
export class MerchantOptions {
  /** The number that the platform gave, 1 to 30 characters. */
  @Length(1, 30, { message: 'must be text of 1 to 30 characters' })
  @Validate(IsTrimmed, { message: 'must not begin or end with a space' })
  merchantNo!: string;

  /** The key that the platform gave. */
  @IsOptional()
  @Validate(IsKey, { message: NO_KEY })
  key?: string | undefined;

  /** Instead of `key`, during a rotation: the newest first. The newest signs, all of them verify. */
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayNotEmpty({ message: 'must hold at least one key' })
  @Validate(IsKey, { each: true, message: 'must hold only texts of 1 to 256 characters without space around them' })
  keys?: string[] | undefined;
}

/** How events are delivered to the host's handlers. */
export class DeliveryOptions {
  /** Whether this process delivers. One that only takes payments leaves the deliveries to others. */
  @IsBoolean({ message: 'must be true or false' })
  enabled = true;

  /** How long an event of a type that no handler has subscribed to yet is kept for the first that does, in days; 0 to 3650. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of days' })
  @Min(0, { message: 'must be at least 0' })
  @Max(3650, { message: 'must be at most 3650' })
  keepUnsubscribedDays = 30;

  /** Attempts before a delivery becomes a dead letter, the first included; 1 to 100. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(100, { message: 'must be at most 100' })
  maxAttempts = 15;

  /** The ceiling of the first pause after a failure, in milliseconds; it doubles with each attempt. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of milliseconds' })
  @Min(1, { message: 'must be at least 1' })
  baseDelayMs = SECOND_MS;

  /** The highest ceiling of a pause, in milliseconds. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of milliseconds' })
  @Min(1, { message: 'must be at least 1' })
  maxDelayMs = HOUR_MS;

  /** How many handlers run at once. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  concurrency = 64;

  /** How long a handler may take before its signal is aborted and its place is given to another, in milliseconds. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of milliseconds' })
  @Min(1, { message: 'must be at least 1' })
  handlerTimeoutMs = 60 * SECOND_MS;
}

@ValidatorConstraint({ name: 'isAscending' })
class IsAscending implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      Array.isArray(value) &&
      value.every((entry, i) => typeof entry === 'number' && entry > 0 && (i === 0 || entry > value[i - 1]))
    );
  }
}

/** When and how payments are checked of which no notification tells. */
export class ReconciliationOptions {
  /** Whether this process asks by itself; at least one of those that share a ledger should. */
  @IsBoolean({ message: 'must be true or false' })
  enabled = true;

  /** How many queries are sent in any second at most, for each merchant: the platform restricts its callers. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(1000, { message: 'must be at most 1000' })
  queriesPerSecond = 5;

  /** How many queries are under way at once. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(100, { message: 'must be at most 100' })
  concurrency = 4;

  /** Minutes from a payment's creation to its first check. */
  @Type(() => Number)
  @IsNumber({}, { message: 'must be a number of minutes' })
  @Min(1, { message: 'must be at least 1' })
  firstCheckMinutes = 15;

  /** By how much a payment is older at each check than at the one before: 2 means twice as old. */
  @Type(() => Number)
  @IsNumber({}, { message: 'must be a number' })
  @Min(1.1, { message: 'must be at least 1.1' })
  growth = 2;

  /** The longest pause between two checks until the deadline, in hours. */
  @Type(() => Number)
  @IsNumber({}, { message: 'must be a number of hours' })
  @Min(0.25, { message: 'must be at least 0.25' })
  longestPauseHours = 12;

  /** Minutes from the deadline to each of the checks that follow it; what is unpaid an hour after it is expired. */
  @Validate(IsAscending, { message: 'must be a list of ascending numbers of minutes' })
  afterDeadlineMinutes: number[] = [5, 30, 65, 180, 720];

  /** Days from the deadline to each of the last looks, for money that comes late. */
  @Validate(IsAscending, { message: 'must be a list of ascending numbers of days' })
  lastLookDays: number[] = [3];

  /** By how much a check may come later than planned, as a share of the pause that follows it; 0 to 0.9. */
  @Type(() => Number)
  @IsNumber({}, { message: 'must be a number' })
  @Min(0, { message: 'must be at least 0' })
  @Max(0.9, { message: 'must be at most 0.9' })
  jitter = 0.5;
}

/** The options that are plain values, as a configuration file could hold them; the initialisers are the defaults. */
export class WanPayOptions {
  /** The merchant that is paid. Either this or `merchants`. */
  @IsOptional()
  @ValidateNested({ message: 'must be an object' })
  @Type(() => MerchantOptions)
  merchant?: MerchantOptions;

  /** The platform's address, without the interfaces' names. Point it at the emulator to develop. */
  @IsUrl(WEB_ADDRESS, { message: 'must be an address that begins with http:// or https://' })
  @Validate(IsPlainAddress, { message: 'must not hold ?, & or #' })
  baseUrl: string = PLATFORM_BASE_URL;

  /**
   * The address under which the platform reaches this host; the notification path is appended to make `backurl`. It must not
   * hold `?`, `&` or `#`.
   */
  @IsOptional()
  @IsUrl(WEB_ADDRESS, { message: 'must be an address that begins with http:// or https://' })
  @Validate(IsPlainAddress, { message: 'must not hold ?, & or #' })
  publicUrl?: string;

  /** The whole notification address, where `publicUrl`, the global prefix and the path don't make it; without `?`, `&` and `#`. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS, { message: 'must be an address that begins with http:// or https://' })
  @Validate(IsPlainAddress, { message: 'must not hold ?, & or #' })
  @Length(1, 256, { message: 'must have at most 256 characters' })
  notificationUrl?: string;

  /** Where the payer's browser is sent back to, unless a payment says otherwise; without `?`, `&` and `#`. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS, { message: 'must be an address that begins with http:// or https://' })
  @Validate(IsPlainAddress, { message: 'must not hold ?, & or #' })
  @Length(1, 256, { message: 'must have at most 256 characters' })
  returnUrl?: string;

  /** Days an account is valid, 1 to 30, unless a payment says otherwise; left out, the platform decides. */
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of days' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_VALID_DAYS, { message: `must be at most ${MAX_VALID_DAYS}` })
  validDays?: number;

  /** How long an exchange with the platform may take, in milliseconds. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of milliseconds' })
  @Min(1, { message: 'must be at least 1' })
  @Max(10 * 60 * SECOND_MS, { message: 'must be at most 600000' })
  timeoutMs = 10 * SECOND_MS;

  /**
   * A forward proxy with a registered address, such as `http://user:password@10.0.0.5:3128`. Left out, the environment's
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count.
   */
  @IsOptional()
  @IsUrl(PROXY_ADDRESS, { message: 'must be an address that begins with http:// or https://' })
  proxy?: string;

  /** Seconds that a notification's timestamp may be off: the protocol's 600, and a tolerance for clocks that differ. */
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(1, { message: 'must be at least 1' })
  timestampWindowSeconds = TIMESTAMP_VALIDITY_SECONDS + CLOCK_TOLERANCE_SECONDS;

  /** IPv4 and IPv6 addresses and CIDR ranges that notifications may come from; empty, any. Mind the host's trust-proxy setting. */
  @IsArray({ message: 'must be a list' })
  @Validate(IsSourceRange, { each: true, message: 'must hold only IP addresses and CIDR ranges' })
  allowedSources: string[] = [];

  /** How much of a payer's account is kept: `masked`, its last five digits, or `full`. */
  @IsIn(['masked', 'full'], { message: 'must be masked or full' })
  payerAccount: PayerAccountPolicy = 'masked';

  /** How events are taken to the handlers. */
  @ValidateNested({ message: 'must be an object' })
  @IsObject({ message: 'must be an object' })
  @Type(() => DeliveryOptions)
  delivery: Given<DeliveryOptions> = new DeliveryOptions();

  /** When and how payments are checked. */
  @ValidateNested({ message: 'must be an object' })
  @IsObject({ message: 'must be an object' })
  @Type(() => ReconciliationOptions)
  reconciliation: Given<ReconciliationOptions> = new ReconciliationOptions();

  /** Whether a "paid" by notification is believed only once a query has confirmed it. Otherwise its signature is believed. */
  @IsBoolean({ message: 'must be true or false' })
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
