import { HttpService } from '@nestjs/axios';
import axios, { type AxiosInstance } from 'axios';
import { Gateway } from '../gateway/gateway.js';
import type { Ledger } from '../ledger/ledger.js';
import { Enquiries } from '../reconciliation/enquiries.js';
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
export function gatewayOf(settings: WanPaySettings, http: AxiosInstance = axios.create()): Gateway {
  return new Gateway(new HttpService(http), settings.merchants, settings.clock, settings);
}

/** What asks after payments and settles the answers; the events that become owed stay owed to the host. */
export function enquiriesOf(ledger: Ledger, settings: WanPaySettings): Enquiries {
  const { clock, reconciliation, payerAccount } = settings;
  return new Enquiries(ledger, gatewayOf(settings), clock, { ...reconciliation, payerAccount });
}
