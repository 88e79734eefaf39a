import type { Provider } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { wanpayConfig } from 'nestjs-wanpay';
import { systemClock } from 'nestjs-wanpay/protocol';

/** The token of the shop's clock, which is the one that the payments go by. */
export const CLOCK = Symbol('the shop’s clock');

/** Tests give the module the emulator's clock, and the shop then follows it too. */
export const clockProvider: Provider = {
  provide: CLOCK,
  inject: [wanpayConfig.KEY],
  useFactory: ({ clock = systemClock }: ConfigType<typeof wanpayConfig>) => clock,
};
