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
import { type Clock, systemClock, WanPayError } from './protocol/index.js';
import { Secret } from './protocol/secret.js';
import type { Telemetry } from './wanpay.status.js';
import type { MerchantOptions, WanPayModuleOptions } from './wanpay.options.js';
import { completeOptions, problem } from './wanpay.options-check.js';

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
  // Whatever is an object with behaviour is used as it is.
  const { merchants, httpAgent, httpsAgent, ledger, queue, telemetry, clock, ...plain } = given;
  const problems = [...mistakes];
  const options = completeOptions(plain, problems);
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

  const { baseUrl, proxy, allowedSources, merchant: _merchant, ...rest } = options;
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
    sources: new SourceList(allowedSources),
    ledger: new Ledger(store),
    isInMemory: store instanceof MemoryStore,
    clock: clock ?? systemClock,
  };
}

function readMerchant({ merchantNo, key, keys }: MerchantOptions): Merchant {
  return { merchantNo, keys: keys ?? (key === undefined ? [] : [key]) };
}
