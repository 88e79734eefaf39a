import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { type IssuedPayment, wanpayConfig } from 'nestjs-wanpay';

const WANPAY_HOST = 'api.wan-pay.com';

/** The bank desk of the emulator, where a developer plays the payer. */
@Injectable()
export class BankDesk {
  constructor(@Inject(wanpayConfig.KEY) private readonly config: ConfigType<typeof wanpayConfig>) {}

  /** The desk's page of a payment; undefined on WanPay's own platform, where people pay at a bank. */
  pageOf({ merchantNo, orderNo, livemode }: IssuedPayment): string | undefined {
    const { baseUrl } = this.config;
    if (livemode || baseUrl === undefined || new URL(baseUrl).host === WANPAY_HOST) return undefined;
    return new URL(`/orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`, baseUrl).href;
  }
}
