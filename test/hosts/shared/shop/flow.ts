import type { INestApplication, Type } from '@nestjs/common';
import { AppModule } from './app.module';
import { startFakePlatform } from './fake-platform';
import { runFlow } from './run-flow';
import { Shipping } from './shipping';

/** The flow of every host, with the parts of this one. */
export function orderPayNotify(create: (module: Type) => Promise<INestApplication>): Promise<string> {
  return runFlow({ module: AppModule, shipping: Shipping, startPlatform: startFakePlatform }, create);
}
