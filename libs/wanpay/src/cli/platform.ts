import { HttpService } from '@nestjs/axios';
import axios, { type AxiosInstance } from 'axios';
import { PlatformClient } from '../platform/platform-client.js';
import type { Ledger } from '../ledger/ledger.js';
import { PaymentChecker } from '../reconciliation/payment-checker.js';
import type { WanPayModuleOptions } from '../wanpay.options.js';
import { resolveSettings, type WanPaySettings } from '../wanpay.settings.js';
import { UsageError } from './errors.js';
import { keysIn } from './options.js';

const NO_MERCHANT = 'There is no merchant number: set WANPAY_MERCHANT_NO, or give --merchant.';

/** The module's settings, of one merchant. */
export interface CommandSettings extends WanPaySettings {
  readonly defaultMerchantNo: string;
}

/**
 * Checks the options as the module does. Which ledger a host has in production is no concern of a command.
 *
 * @throws WanPayConfigurationError
 */
export function settingsOf(options: WanPayModuleOptions): CommandSettings {
  const missing = missingIn(options);
  if (missing.length > 0) throw new UsageError(missing.join('\n'));
  const settings = resolveSettings(options, undefined);
  const { defaultMerchantNo } = settings;
  if (defaultMerchantNo === undefined) throw new UsageError(NO_MERCHANT);
  return { ...settings, defaultMerchantNo };
}

/** What every command that speaks with the platform needs and has not been given, a sentence each. */
export function missingIn({ merchant }: WanPayModuleOptions): readonly string[] {
  return [
    ...(merchant?.merchantNo ? [] : [NO_MERCHANT]),
    ...(keysIn(merchant).length > 0 ? [] : ['There is no key: set WANPAY_KEY, or name a file that does with --env.']),
  ];
}

/** The platform's client. */
export function platformClientOf(settings: WanPaySettings, http: AxiosInstance = axios.create()): PlatformClient {
  return new PlatformClient(new HttpService(http), settings.merchants, settings.clock, settings);
}

/** What queries payments and settles the answers. The events of that wait for the host. */
export function paymentCheckerOf(ledger: Ledger, settings: WanPaySettings): PaymentChecker {
  const { clock, reconciliation, payerAccount } = settings;
  return new PaymentChecker(ledger, platformClientOf(settings), clock, { ...reconciliation, payerAccount });
}
