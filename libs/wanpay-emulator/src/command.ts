import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { startWanPayEmulator, type WanPayEmulator } from './emulator.js';
import { EmulatorError } from './errors.js';
import { isLoopback } from './http/own-site.js';
import { type MerchantOptions, TEST_MERCHANT } from './merchants/merchants.js';
import { VERSION } from './version.js';

/** What the command takes from the process that it runs in. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Emits a signal that ends the process. */
  readonly signals: Signals;
}

interface Output {
  write(text: string): unknown;
}

interface Signals {
  on(signal: Signal, listener: () => void): unknown;
  off(signal: Signal, listener: () => void): unknown;
}

interface CliOptions {
  readonly port: number;
  readonly host: string;
  readonly publicHost?: readonly string[];
  readonly merchant?: readonly MerchantOptions[];
  readonly stopped?: true;
  readonly startAt?: Date;
  readonly data?: string;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

const PROCESS: CommandContext = { stdout: process.stdout, stderr: process.stderr, signals: process };

/**
 * Runs the emulator until a signal ends it.
 *
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], context: CommandContext = PROCESS): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context, async (options) => {
    exitCode = await run(options, context);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // It has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

function createProgram({ stdout, stderr }: CommandContext, action: (options: CliOptions) => Promise<void>): Command {
  return new Command('wanpay-emulator')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .description(
      'The WanPay platform on your own machine: accounts, signed notifications, queries, a clock you can move.',
    )
    .version(VERSION)
    .option('--port <number>', 'the port to listen on; 0 for a free one', parsePort, 4010)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--public-host <name>', 'another name that people reach it by, repeatable', addHost)
    .option(
      '--merchant <NO:KEY>',
      'a merchant and its key, repeatable (default: the vendor’s test merchant)',
      addMerchant,
    )
    .option('--stopped', 'begin with the clock standing still')
    .option('--start-at <date>', 'what the clock shows at first, such as 2026-02-08T09:00:00+08:00', parseDate)
    .option('--data <file>', 'a file that keeps the state, keys included, across restarts')
    .action(action);
}

async function run(options: CliOptions, { stdout, stderr, signals }: CommandContext): Promise<number> {
  const { port, host, publicHost, merchant, stopped, startAt, data } = options;
  try {
    const emulator = await startWanPayEmulator({
      port,
      host,
      ...(publicHost ? { publicHosts: publicHost } : {}),
      ...(merchant ? { merchants: merchant } : {}),
      clock: { ...(stopped ? { stopped } : {}), ...(startAt ? { startAt } : {}) },
      ...(data === undefined ? {} : { dataFile: data }),
    });
    stdout.write(greeting(emulator, host));
    await firstSignal(signals);
    await emulator.close();
    return 0;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    stderr.write(`${error.message}\n`);
    return 1;
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

/** Waits for a signal. A second one ends the process at once, since nobody listens to it any more. */
function firstSignal(signals: Signals): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      for (const signal of SIGNALS) signals.off(signal, end);
      resolve();
    };
    for (const signal of SIGNALS) signals.on(signal, end);
  });
}

function addHost(name: string, previous: readonly string[] = []): string[] {
  return [...previous, name];
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
