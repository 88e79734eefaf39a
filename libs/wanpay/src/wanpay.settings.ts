import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import type { PlatformClientSettings } from './platform/platform-client.js';
import { CheckedRegistry, type Merchant, type MerchantRegistry, SingleMerchant } from './platform/merchants.js';
import type { DeliverySettings } from './delivery/delivery.js';
import type { CheckSchedule } from './ledger/check-schedule.js';
import { Ledger } from './ledger/ledger.js';
import type { PayerAccountPolicy } from './ledger/payer.js';
import { MemoryStore } from './ledger/stores/memory/memory-store.js';
import type { WorkQueue } from './ledger/work-queue.js';
import { SourceList } from './notifications/source-list.js';
import type { VerifierSettings } from './notifications/verifier.js';
import { cleanWords, type Clock, systemClock, WanPayError } from './protocol/index.js';
import { Secret } from './protocol/secret.js';
import { ENVIRONMENT_VARIABLES } from './wanpay.config.js';
import type { Telemetry } from './wanpay.status.js';
import {
  DeliveryOptions,
  type MerchantOptions,
  ReconciliationOptions,
  type WanPayModuleOptions,
  WanPayOptions,
} from './wanpay.options.js';

/** An option's name in an error: who wrote it may have written anything. */
const MAX_NAME = 50;

/** The options can't be used as they stand; `problems` names every mistake, each in words. */
export class WanPayConfigurationError extends WanPayError {
  readonly code = 'invalid_configuration';

  constructor(readonly problems: readonly string[]) {
    super(`WanPayModule is not configured right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** How payments are checked. */
export interface ReconciliationSettings extends CheckSchedule {
  /** Whether this process asks by itself. */
  readonly enabled: boolean;
  readonly queriesPerSecond: number;
  readonly concurrency: number;
}

/** The options, checked and complete: what the parts of the module are made from. Its secrets show nothing when it is printed. */
export interface WanPaySettings extends PlatformClientSettings, VerifierSettings {
  readonly merchants: MerchantRegistry;
  readonly defaultMerchantNo?: string;
  /** The one merchant that this process knows; absent where it may know any number of them. */
  readonly onlyMerchantNo?: string;
  readonly publicUrl?: string;
  readonly notificationUrl?: string;
  readonly returnUrl?: string;
  readonly validDays?: number;
  readonly payerAccount: PayerAccountPolicy;
  readonly delivery: DeliverySettings;
  readonly reconciliation: ReconciliationSettings;
  readonly confirmPaidByQuery: boolean;
  readonly ledger: Ledger;
  /** Whether payments are forgotten when the process ends. */
  readonly isInMemory: boolean;
  readonly queue?: WorkQueue;
  readonly telemetry?: Telemetry;
  readonly clock: Clock;
}

/**
 * Checks a host's options and completes them.
 *
 * @param mistakes what else is wrong, in words: how the module was imported
 * @throws WanPayConfigurationError that lists every mistake at once and prints no key
 */
export function resolveSettings(
  given: WanPayModuleOptions,
  nodeEnv: string | undefined,
  mistakes: readonly string[] = [],
): WanPaySettings {
  // Whatever is an object with behaviour goes around the validator, which would copy it.
  const { merchants, httpAgent, httpsAgent, ledger, queue, telemetry, clock, ...plain } = given;
  const options = plainToInstance(WanPayOptions, withoutUndefined(plain), { exposeDefaultValues: true });
  const errors = validateSync(options, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  const problems = [...mistakes, ...errors.flatMap((error) => describe(error))];
  const merchant = options.merchant;
  if (merchant && !merchant.key && !merchant.keys) problems.push(problem('merchant.key', 'is missing'));
  const registry = merchants
    ? new CheckedRegistry(merchants, options.timeoutMs)
    : merchant && new SingleMerchant(readMerchant(merchant));
  if (!registry) {
    problems.push(
      problem('merchant', 'is missing: set WANPAY_MERCHANT_NO and WANPAY_KEY, or give merchants, a registry'),
    );
  }
  if (!ledger && nodeEnv === 'production') {
    problems.push(
      'ledger is missing: the default keeps payments in memory, and NODE_ENV is production. ' +
        'Set it to sqlite({ file }), postgres({ pool }) or mysql({ pool }), or to new MemoryStore() if the payments may be lost.',
    );
  }
  if (problems.length > 0 || !registry) throw new WanPayConfigurationError(problems);

  const { baseUrl, proxy, delivery, reconciliation, allowedSources, merchant: _merchant, ...rest } = options;
  const store = ledger ?? new MemoryStore();
  return {
    ...rest,
    ...(proxy === undefined ? {} : { proxy: new Secret(proxy) }),
    ...(httpAgent ? { httpAgent: new Secret(httpAgent) } : {}),
    ...(httpsAgent ? { httpsAgent: new Secret(httpsAgent) } : {}),
    ...(queue ? { queue } : {}),
    ...(telemetry ? { telemetry } : {}),
    ...(merchant ? { defaultMerchantNo: merchant.merchantNo } : {}),
    ...(merchant && !merchants ? { onlyMerchantNo: merchant.merchantNo } : {}),
    merchants: registry,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    delivery: plainToInstance(DeliveryOptions, withoutUndefined(delivery), { exposeDefaultValues: true }),
    reconciliation: plainToInstance(ReconciliationOptions, withoutUndefined(reconciliation), {
      exposeDefaultValues: true,
    }),
    sources: new SourceList(allowedSources),
    ledger: new Ledger(store),
    isInMemory: store instanceof MemoryStore,
    clock: clock ?? systemClock,
  };
}

function readMerchant({ merchantNo, key, keys }: MerchantOptions): Merchant {
  return { merchantNo, keys: keys ?? (key === undefined ? [] : [key]) };
}

/**
 * The mistake of an option, and those of the options in it. Decorators run from the last to the first, so the last
 * mistake is about the type: what is no number is not "too large". The validator's own texts may quote values, so
 * ours are given.
 */
function describe(error: ValidationError, parent = ''): string[] {
  const path = parent + cleanWords(error.property, MAX_NAME);
  const message = Object.entries(error.constraints ?? {})
    .map(([constraint, text]) => (constraint === 'whitelistValidation' ? 'is not an option of this module' : text))
    .at(-1);
  const nested = (error.children ?? []).flatMap((child) => describe(child, `${path}.`));
  return message === undefined ? nested : [problem(path, message), ...nested];
}

function problem(path: string, text: string): string {
  const variable = ENVIRONMENT_VARIABLES[path];
  return `${path}${variable ? ` (${variable})` : ''} ${text}.`;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
