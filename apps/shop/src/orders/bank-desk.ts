import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { type IssuedPayment, wanpayConfig } from 'nestjs-wanpay';
import { shopConfig } from '../shop.config.js';

const WANPAY_HOST = 'api.wan-pay.com';
/** How long a page waits for the emulator, which is on this machine, in milliseconds. */
const PATIENCE_MS = 1_000;

/** The bank desk of the emulator, where a developer plays the payer. */
@Injectable()
export class BankDesk {
  constructor(
    @Inject(wanpayConfig.KEY) private readonly config: ConfigType<typeof wanpayConfig>,
    @Inject(shopConfig.KEY) private readonly shop: Pick<ConfigType<typeof shopConfig>, 'emulatorUrl'>,
  ) {}

  /** The desk's page of a payment; undefined on WanPay's own platform, where people pay at a bank. */
  pageOf({ merchantNo, orderNo, livemode }: IssuedPayment): string | undefined {
    const { baseUrl } = this.config;
    if (livemode || baseUrl === undefined || new URL(baseUrl).host === WANPAY_HOST) return undefined;
    return new URL(pathOf(merchantNo, orderNo), baseUrl).href;
  }

  /** Whether the emulator no longer knows the order. A fresh session forgets earlier orders. */
  async hasForgotten({ merchantNo, orderNo }: IssuedPayment): Promise<boolean> {
    const { emulatorUrl } = this.shop;
    if (emulatorUrl === undefined) return false;
    const url = new URL(`/api${pathOf(merchantNo, orderNo)}`, emulatorUrl);
    // An emulator that does not answer may still know the order.
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
    return response?.status === 404;
  }
}

function pathOf(merchantNo: string, orderNo: string): string {
  return `/orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`;
}
