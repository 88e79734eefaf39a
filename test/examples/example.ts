import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from '../e2e/after-test.js';
import { CapturedLog } from '../e2e/captured-log.js';
import { freePort } from '../processes/ports.js';

/** An example that runs in this process, until the test ends. */
export interface Example {
  readonly url: string;
  readonly log: CapturedLog;
}

/** Starts an example as its `main.ts` does. Its settings are variables of the environment, as they are for a reader. */
export async function startExample(
  module: Type,
  emulator: WanPayEmulator,
  variables: Readonly<Record<string, string>> = {},
): Promise<Example> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  setVariables(emulator, { ...variables, WANPAY_PUBLIC_URL: url });
  const log = new CapturedLog();
  const app = await NestFactory.create(module, { logger: log, abortOnError: false, forceCloseConnections: true });
  afterTest(() => app.close());
  await app.listen(port, '127.0.0.1');
  return { url, log };
}

/** Starts a worker, which has no server. */
export async function startWorker(
  module: Type,
  emulator: WanPayEmulator,
  variables: Readonly<Record<string, string>>,
): Promise<CapturedLog> {
  setVariables(emulator, variables);
  const log = new CapturedLog();
  const app = await NestFactory.createApplicationContext(module, { logger: log, abortOnError: false });
  afterTest(() => app.close());
  return log;
}

/** Posts nothing; returns what is answered. */
export async function post(url: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function setVariables({ merchant, baseUrl }: WanPayEmulator, variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, {
    WANPAY_MERCHANT_NO: merchant.merchantNo,
    WANPAY_KEY: merchant.key,
    WANPAY_BASE_URL: baseUrl,
    ...variables,
  });
}
