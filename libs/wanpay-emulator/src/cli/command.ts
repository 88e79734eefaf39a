import { Command, CommanderError } from 'commander';
import { type WanPayEmulator } from '../emulator.js';
import { EmulatorError, ListenError, systemErrorCode } from '../errors.js';
import { isLoopback } from '../http/loopback.js';
import { type MerchantOptions } from '../merchants/merchants.js';
import { TEST_MERCHANT } from '../merchants/test-merchant.js';
import { VERSION } from '../version.js';
import { parseDate, parseMerchant, parsePort, parseUrl } from './arguments.js';
import { addCompletion } from './completion.js';
import { type CommandContext, type Finish, processContext, SIGNALS } from './context.js';
import { addRemoteCommands } from './remote.commands.js';
import { addTrigger } from './trigger.command.js';

const EXAMPLES = `
Examples:
  $ wanpay-emulator                        the platform and its console at http://127.0.0.1:4010
  $ wanpay-emulator --stopped --data state.json
  $ wanpay-emulator trigger paid --to http://127.0.0.1:3000/wanpay/notifications --order A1 --amount 1280
  $ wanpay-emulator pay A1                 in a running emulator
  $ wanpay-emulator advance 3m             its clock

Exit codes: 0 all is well; 1 the command failed, or can't be used as given.`;

interface CliOptions {
  readonly port: number;
  readonly host: string;
  readonly publicHost?: readonly string[];
  readonly merchant?: readonly MerchantOptions[];
  readonly stopped?: true;
  readonly startAt?: Date;
  readonly data?: string;
  readonly target?: string;
}

/**
 * Runs one command; without one, the emulator until a signal ends it.
 *
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], context: CommandContext = processContext): Promise<number> {
  let exitCode = 0;
  const isForPrograms = args.includes('--json');
  const finish: Finish = async ({ json = false }, work) => {
    try {
      const result = await work();
      context.stdout.write(`${json ? JSON.stringify(result.json, undefined, 2) : result.text}\n`);
      exitCode = result.exitCode;
    } catch (error) {
      if (!(error instanceof EmulatorError)) throw error;
      const { code, message } = error;
      if (json) context.stdout.write(`${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`);
      else context.stderr.write(`${message}\n`);
      exitCode = 1;
    }
  };
  const program = createProgram(context, finish, async (options) => {
    exitCode = await serve(options, context);
  });
  if (isForPrograms)
    for (const command of [program, ...program.commands]) command.configureOutput({ outputError: () => undefined });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // To people it has said what is wrong.
    if (error.exitCode !== 0 && isForPrograms) {
      context.stdout.write(`${JSON.stringify({ error: { code: 'usage', message: error.message } }, undefined, 2)}\n`);
    }
    return error.exitCode;
  }
}

function createProgram(
  context: CommandContext,
  finish: Finish,
  action: (options: CliOptions) => Promise<void>,
): Command {
  const { stdout, stderr } = context;
  const program = new Command('wanpay-emulator')
    // So that `trigger --merchant` is the option of trigger.
    .enablePositionalOptions()
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
    .option(
      '--target <url>',
      'post every notification there instead of to its order’s own address; an origin keeps the path',
      parseUrl,
    )
    .addHelpText('after', EXAMPLES)
    // It takes none itself, so what is left over was to be a command.
    .allowExcessArguments()
    .action((options: CliOptions) => {
      const [name] = program.args;
      if (name !== undefined) program.error(`error: unknown command '${name}'; --help lists them`);
      return action(options);
    });
  addTrigger(program, context, finish);
  addRemoteCommands(program, finish);
  addCompletion(program, context);
  return program;
}

async function serve(options: CliOptions, { stdout, stderr, signals }: CommandContext): Promise<number> {
  const { port, host, publicHost, merchant, stopped, startAt, data, target } = options;
  // Only this needs Nest, which takes longer to load than any other command takes to run.
  const { startWanPayEmulator } = await import('../emulator.js');
  try {
    const emulator = await startWanPayEmulator({
      port,
      host,
      ...(publicHost ? { publicHosts: publicHost } : {}),
      ...(merchant ? { merchants: merchant } : {}),
      clock: { ...(stopped ? { stopped } : {}), ...(startAt ? { startAt } : {}) },
      ...(data === undefined ? {} : { dataFile: data }),
      ...(target === undefined ? {} : { notificationTarget: target }),
    });
    stdout.write(greeting(emulator, host));
    await firstSignal(signals);
    await emulator.close();
    return 0;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    stderr.write(`${error.message}${error instanceof ListenError ? adviceFor(error) : ''}\n`);
    return 1;
  }
}

function adviceFor({ cause }: ListenError): string {
  const isAddress = ['EADDRNOTAVAIL', 'ENOTFOUND'].includes(systemErrorCode(cause) ?? '');
  return isAddress ? ' Give another with --host.' : ' Give another with --port, or --port 0 for a free one.';
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
function firstSignal(signals: CommandContext['signals']): Promise<void> {
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
  return [...previous, parseMerchant(text)];
}
