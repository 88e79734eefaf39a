import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { type Clock, wanpayConfig } from 'nestjs-wanpay';
import { systemClock } from 'nestjs-wanpay/protocol';
import type { RemoteClock } from 'wanpay-emulator';
import { shopConfig } from './shop.config.js';

/** The token of the shop's clock, which is the one that the payments go by. */
export const CLOCK = Symbol('the shop’s clock');

/** The machine's clock. In a demonstration it is the emulator's, so that its console moves the shop too. */
@Module({
  providers: [{ provide: CLOCK, inject: [wanpayConfig.KEY, shopConfig.KEY], useFactory: chooseClock }],
  exports: [CLOCK],
})
export class ShopClockModule implements OnApplicationShutdown {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  onApplicationShutdown(): void {
    if (isRemote(this.clock)) this.clock.close();
  }
}

/** Nest waits for it, so the shop listens only once it has the emulator's time. */
async function chooseClock(
  { clock }: ConfigType<typeof wanpayConfig>,
  { emulatorUrl }: Pick<ConfigType<typeof shopConfig>, 'emulatorUrl'>,
): Promise<Clock> {
  if (clock || emulatorUrl === undefined) return clock ?? systemClock;
  const { remoteClock } = await import('wanpay-emulator');
  const logger = new Logger('Shop');
  const remote = remoteClock(emulatorUrl, {
    warn: (message) => {
      logger.warn(message);
    },
  });
  await remote.whenConnected();
  return remote;
}

function isRemote(clock: Clock): clock is RemoteClock {
  return 'whenConnected' in clock;
}
