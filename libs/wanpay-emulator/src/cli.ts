#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { startWanPayEmulator, type WanPayEmulator } from './emulator.js';
import { EmulatorError } from './errors.js';
import { isLoopback } from './http/console.guard.js';
import { type MerchantOptions, TEST_MERCHANT } from './merchants/merchants.js';

interface CliOptions {
  readonly port: number;
  readonly host: string;
  readonly merchant?: readonly MerchantOptions[];
  readonly stopped?: true;
  readonly startAt?: Date;
  readonly data?: string;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const program = new Command('wanpay-emulator')
  .description(
    'The WanPay platform on your own machine: accounts, signed notifications, queries, a clock you can move.',
  )
  .version(ownVersion())
  .option('--port <number>', 'the port to listen on; 0 for a free one', parsePort, 4010)
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option(
    '--merchant <NO:KEY>',
    'a merchant and its key, repeatable (default: the vendor’s test merchant)',
    addMerchant,
  )
  .option('--stopped', 'begin with the clock standing still')
  .option('--start-at <date>', 'what the clock shows at first, such as 2026-02-08T09:00:00+08:00', parseDate)
  .option('--data <file>', 'a file that keeps the state, keys included, across restarts')
  .action(run);

await program.parseAsync();

async function run(options: CliOptions): Promise<void> {
  const { port, host, merchant, stopped, startAt, data } = options;
  try {
    const emulator = await startWanPayEmulator({
      port,
      host,
      ...(merchant ? { merchants: merchant } : {}),
      clock: { ...(stopped ? { stopped } : {}), ...(startAt ? { startAt } : {}) },
      ...(data === undefined ? {} : { dataFile: data }),
    });
    process.stdout.write(greeting(emulator, host));
    closeOnSignal(emulator);
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** What to look at and what to configure. A key is shown only if the whole world knows it. */
function greeting({ url, baseUrl, merchant }: WanPayEmulator, host: string): string {
  return [
    `WanPay emulator: ${url}`,
    isLoopback(host)
      ? '  Its console asks for no password, and is bound to this machine alone.'
      : '  Its console asks for no password: whoever reaches this address can pay. Keep it off shared networks.',
    `  WANPAY_BASE_URL=${baseUrl}`,
    `  WANPAY_MERCHANT_NO=${merchant.merchantNo}`,
    merchant.key === TEST_MERCHANT.key
      ? `  WANPAY_KEY=${TEST_MERCHANT.key}  (the vendor’s published test key)`
      : '  WANPAY_KEY: as you gave it',
    '',
  ].join('\n');
}

/** Shuts down in order on the first signal; the process then ends by itself. A second signal ends it at once. */
function closeOnSignal(emulator: WanPayEmulator): void {
  const close = (): void => {
    for (const signal of SIGNALS) process.off(signal, close);
    void emulator.close();
  };
  for (const signal of SIGNALS) process.on(signal, close);
}

function addMerchant(text: string, previous: readonly MerchantOptions[] = []): MerchantOptions[] {
  const [, merchantNo, key] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (!merchantNo || !key) throw new InvalidArgumentError('It is written NO:KEY.');
  return [...previous, { merchantNo, key }];
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return port;
}

function parseDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('It is no date.');
  return date;
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
