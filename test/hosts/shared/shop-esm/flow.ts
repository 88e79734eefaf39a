import type { INestApplication, Type } from '@nestjs/common';
import { AppModule } from './app.module.js';
import { runFlow } from './run-flow.js';
import { Shipping } from './shipping.js';

/** The flow of every host, with the parts of this one. */
export function orderPayNotify(create: (module: Type) => Promise<INestApplication>): Promise<string> {
  return runFlow({ module: AppModule, shipping: Shipping }, create);
}
