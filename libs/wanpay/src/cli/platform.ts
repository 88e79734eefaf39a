import { HttpService } from '@nestjs/axios';
import axios, { type AxiosInstance } from 'axios';
import { PlatformClient } from '../platform/platform-client.js';
import type { Ledger } from '../ledger/ledger.js';
import { PaymentChecker } from '../reconciliation/payment-checker.js';
import type { WanPayModuleOptions } from '../wanpay.options.js';
import { resolveSettings, type WanPaySettings } from '../wanpay.settings.js';
import { UsageError } from './errors.js';

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
  const settings = resolveSettings(options, undefined);
  const { defaultMerchantNo } = settings;
  if (defaultMerchantNo === undefined) throw new UsageError('There is no merchant: set WANPAY_MERCHANT_NO.');
  return { ...settings, defaultMerchantNo };
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
