import { Command, CommanderError, Help, Option } from 'commander';
import { type Say, sayIn } from '../console/language.js';
import { type WanPayEmulator } from '../emulator.js';
import { EmulatorError, ListenError, systemErrorCode } from '../errors.js';
import { isLoopback } from '../http/loopback.js';
import { type MerchantOptions } from '../merchants/merchants.js';
import { TEST_MERCHANT } from '../merchants/test-merchant.js';
import { VERSION } from '../version.js';
import { parseDate, parseMerchant, parsePort, parseUrl } from './arguments.js';
import { extrasInChinese, inChinese } from './chinese.js';
import { addCompletion } from './completion.js';
import { type CommandContext, type Finish, processContext, SIGNALS } from './context.js';
import { LANGUAGE_NAMES, languageOf } from './language.js';
import { addRemoteCommands } from './remote.commands.js';
import { addTrigger } from './trigger.command.js';

const EXAMPLES: Parameters<Say> = [
  `
Examples:
  $ wanpay-emulator                        the platform and its console at http://127.0.0.1:4010
  $ wanpay-emulator --stopped --data state.json
  $ wanpay-emulator trigger paid --to http://127.0.0.1:3000/wanpay/notifications --order A1 --amount 1280
  $ wanpay-emulator pay A1                 in a running emulator
  $ wanpay-emulator advance 3m             its clock

Exit codes: 0 all is well; 1 the command failed, or can’t be used as given.`,
  `
範例：
  $ wanpay-emulator                        平台與主控台，位於 http://127.0.0.1:4010
  $ wanpay-emulator --stopped --data state.json
  $ wanpay-emulator trigger paid --to http://127.0.0.1:3000/wanpay/notifications --order A1 --amount 1280
  $ wanpay-emulator pay A1                 在執行中的模擬器付款
  $ wanpay-emulator advance 3m             移動它的時鐘

結束代碼：0 一切正常；1 指令失敗，或不能這樣使用。`,
];

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
  const say = sayIn(languageOf(args, context.env));
  const finish: Finish = async ({ json = false }, work) => {
    try {
      const result = await work();
      context.stdout.write(`${json ? JSON.stringify(result.json, undefined, 2) : result.text}\n`);
      exitCode = result.exitCode;
    } catch (error) {
      if (!(error instanceof EmulatorError)) throw error;
      const { code, message } = error;
      if (json) context.stdout.write(`${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`);
      else context.stderr.write(`${say(message, inChinese(message))}\n`);
      exitCode = 1;
    }
  };
  const program = createProgram({ context, say, isForPrograms, finish }, async (options) => {
    exitCode = await serve(options, context, say);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Without --json, the parser has already printed the mistake.
    if (error.exitCode !== 0 && isForPrograms) {
      context.stdout.write(
        `${JSON.stringify({ error: { code: 'usage', message: withoutKeys(error.message) } }, undefined, 2)}\n`,
      );
    }
    return error.exitCode;
  }
}

/** What is needed to create the commands. */
interface Making {
  readonly context: CommandContext;
  readonly say: Say;
  /** Whether the caller reports mistakes in the command line. */
  readonly isForPrograms: boolean;
  readonly finish: Finish;
}

function createProgram(
  { context, say, isForPrograms, finish }: Making,
  action: (options: CliOptions) => Promise<void>,
): Command {
  const { stdout, stderr } = context;
  const help = new Help();
  const program = new Command('wanpay-emulator')
    // So that `trigger --merchant` is the option of trigger.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => {
        const lines = withoutKeys(text).split('\n');
        if (!isForPrograms) write(lines.map((line) => say(line, inChinese(line))).join('\n'));
      },
    })
    .configureHelp({
      styleTitle: (title) => say(title, inChinese(title)),
      argumentDescription: (argument) => inLanguage(help.argumentDescription(argument), say),
      optionDescription: (option) => inLanguage(help.optionDescription(option), say),
    })
    .description(
      say(
        'The WanPay platform on your own machine: accounts, signed notifications, queries, a clock you can move.',
        '在您電腦上的 WanPay 平台：帳號、已簽章的通知、查詢，以及可以移動的時鐘。',
      ),
    )
    .version(VERSION, '-V, --version', say('output the version number', '顯示版本'))
    .helpOption('-h, --help', say('display help for command', '顯示指令的說明'))
    .helpCommand('help [command]', say('display help for command', '顯示指令的說明'))
    .option(
      '--port <number>',
      say('the port to listen on; 0 for a free one', '接收連線的連接埠；0 表示任一可用的'),
      parsePort,
      4010,
    )
    .option('--host <address>', say('the address to listen on', '接收連線的位址'), '127.0.0.1')
    .option(
      '--public-host <name>',
      say('another name that people reach it by, repeatable', '開啟主控台時使用的其他名稱，可重複'),
      addHost,
    )
    .option(
      '--merchant <NO:KEY>',
      say(
        'a merchant and its key, repeatable (default: the vendor’s test merchant)',
        '商戶與金鑰，可重複（預設：廠商的測試商戶）',
      ),
      addMerchant,
    )
    .option('--stopped', say('begin with the clock standing still', '啟動時時鐘停止'))
    .option(
      '--start-at <date>',
      say(
        'what the clock shows at first, such as 2026-02-08T09:00:00+08:00',
        '時鐘的起始時間，例如 2026-02-08T09:00:00+08:00',
      ),
      parseDate,
    )
    .option(
      '--data <file>',
      say('a file that keeps the state, keys included, across restarts', '保存狀態（含金鑰）的檔案，重新啟動後仍保留'),
    )
    .option(
      '--target <url>',
      say(
        'post every notification there instead of to its order’s own address; an origin keeps the path',
        '所有通知都送到這裡，不送到訂單的網址；只寫 origin 時保留路徑',
      ),
      parseUrl,
    )
    .addHelpText('after', say(...EXAMPLES))
    // It takes none itself, so what is left over was to be a command.
    .allowExcessArguments()
    .action((options: CliOptions) => {
      const [name] = program.args;
      if (name !== undefined) program.error(`error: unknown command '${name}'; --help lists them`);
      return action(options);
    });
  addTrigger(program, context, finish, say);
  addRemoteCommands(program, finish, say);
  addCompletion(program, context, say);
  for (const command of [program, ...program.commands]) {
    const description = say('the language (default: by LC_ALL and LANG)', '顯示文字的語言（預設：依 LC_ALL 與 LANG）');
    command.addOption(new Option('--lang <language>', description).choices(LANGUAGE_NAMES));
  }
  return program;
}

function inLanguage(description: string, say: Say): string {
  return say(description, extrasInChinese(description));
}

/** Removes keys from a quoted mistake. */
function withoutKeys(text: string): string {
  return text
    .replace(/(option '--merchant <NO:KEY>' argument ')[^]*?(' is invalid\. )/, '$1…$2')
    .replace(/(unknown command '[^':]+:)[^]*(')/, '$1…$2');
}

async function serve(options: CliOptions, { stdout, stderr, signals }: CommandContext, say: Say): Promise<number> {
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
    stdout.write(greeting(emulator, host, say));
    await firstSignal(signals);
    await emulator.close();
    return 0;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    const advice = error instanceof ListenError ? say(...adviceFor(error)) : '';
    stderr.write(`${say(error.message, inChinese(error.message))}${advice}\n`);
    return 1;
  }
}

function adviceFor({ cause }: ListenError): Parameters<Say> {
  const isAddress = ['EADDRNOTAVAIL', 'ENOTFOUND'].includes(systemErrorCode(cause) ?? '');
  return isAddress
    ? [' Give another with --host.', '請以 --host 指定另一個。']
    : [
        ' Give another with --port, or --port 0 for a free one.',
        '請以 --port 指定另一個，或以 --port 0 使用任一可用的。',
      ];
}

/** What to look at and what to configure. A key is shown only if the whole world knows it. */
function greeting({ url, baseUrl, merchant }: WanPayEmulator, host: string, say: Say): string {
  return [
    // The same in every language: programs wait for this line.
    `WanPay emulator: ${url}`,
    isLoopback(host)
      ? say(
          '  Its console asks for no password, and is bound to this machine alone.',
          '  主控台不需要密碼，只有這台電腦可以連到。',
        )
      : say(
          '  Its console asks for no password: whoever reaches this address can pay. Keep it off shared networks.',
          '  主控台不需要密碼：能連到此位址的人都能付款。請勿用於共用的網路。',
        ),
    `  WANPAY_BASE_URL=${baseUrl}`,
    `  WANPAY_MERCHANT_NO=${merchant.merchantNo}`,
    merchant.key === TEST_MERCHANT.key
      ? `  WANPAY_KEY=${TEST_MERCHANT.key}  ${say('(the vendor’s published test key)', '（廠商公開的測試金鑰）')}`
      : say('  WANPAY_KEY: as you gave it', '  WANPAY_KEY：如您所指定'),
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
