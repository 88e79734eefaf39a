import { Command, Option } from 'commander';
import type { CommandContext } from './context.js';
import { cleanWords } from '../protocol/index.js';
import { addDead } from './dead.command.js';
import { addDoctor } from './doctor/doctor.command.js';
import { addHandlers } from './handlers.command.js';
import { addMigrations } from './migrations.command.js';
import { LANGUAGES } from './language/language.js';
import { addQuery } from './query.command.js';
import { addReconcile } from './reconcile.command.js';
import { addReplay } from './replay.command.js';
import { addRetire } from './retire.command.js';
import { addSign } from './sign.command.js';
import type { Surroundings } from './surroundings.js';
import { addVerify } from './verify.command.js';
import { hasColours, inBold } from './terminal/colours.js';
import { wrap } from './terminal/wrap.js';
import { VERSION } from './version.js';

const EXITS =
  'Exit codes: 0 all is well; 1 something needs attention, or the command failed; 2 the command can’t be used as given, and ' +
  'nothing was done.';
const KEYS = 'Keys are read from the environment (WANPAY_KEY, WANPAY_KEYS) or --env, and are never printed.';

/** What people do with each command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'nestjs-wanpay': ['doctor -e .env', 'query A1', 'dead', 'replay --all', 'doctor --lang zh-TW'],
  doctor: ['doctor -e .env', 'doctor --notification-url https://shop.example/wanpay/notifications --json'],
  reconcile: ['reconcile --from 2026-11-01 --to 2026-11-02', 'reconcile --sqlite wanpay.db --rate 1'],
  query: ['query A1', 'query A1 --sqlite wanpay.db --json'],
  handlers: ['handlers', 'handlers --json'],
  retire: ['retire OldMailer.onPaid'],
  dead: ['dead', 'dead --handler shipping --json'],
  replay: ['replay ID', 'replay --handler shipping', 'replay --all --from 2026-11-01'],
  sign: ['sign orgno=1265 body=good', 'sign --file message.txt'],
  verify: ['verify < message.txt', 'verify --file message.json'],
  migrations: ['migrations | psql "$WANPAY_DATABASE_URL"', 'migrations --schema pay --above 1'],
};
const HEADINGS = ['Usage:', 'Arguments:', 'Options:', 'Global Options:', 'Commands:'];
const DEFAULT_WIDTH = 80;
/** Narrower descriptions are not wrapped. */
const LEAST_WIDTH = 20;

/**
 * The whole command line.
 *
 * @param isForPrograms whether the caller reports mistakes in the command line, instead of this program
 */
export function createProgram(
  surroundings: Surroundings,
  { stdout, stderr, env }: Pick<CommandContext, 'stdout' | 'stderr' | 'env'>,
  isForPrograms = false,
): Command {
  const { t } = surroundings;
  const program = new Command('nestjs-wanpay')
    .description('Manages WanPay payments from the command line. Reads the WANPAY_* variables of the module.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? DEFAULT_WIDTH,
      getErrHelpWidth: () => stderr.columns ?? DEFAULT_WIDTH,
      getOutHasColors: () => hasColours(stdout, env),
      getErrHasColors: () => hasColours(stderr, env),
      outputError: (text, write) => {
        if (!isForPrograms) write(translated(withoutSecrets(text), t));
      },
    })
    .addOption(
      new Option('--lang <language>', 'the language of the output (default: from LC_ALL and LANG)').choices(LANGUAGES),
    )
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: LEAST_WIDTH,
      styleTitle: (title) => inBold(HEADINGS.includes(title) ? t(title) : title),
      commandDescription: (command) => t(command.description()),
      subcommandDescription: (command) => t(command.description()),
      argumentDescription: ({ description }) => t(description),
      optionDescription: ({ description }) => t(description),
    });
  const add = [addDoctor, addReconcile, addQuery, addHandlers, addDead, addReplay, addRetire, addSign, addVerify];
  for (const each of [...add, addMigrations]) each(program, surroundings);
  for (const command of [program, ...program.commands]) {
    command.addHelpText('after', () => afterHelp(command, t, stdout.columns ?? DEFAULT_WIDTH));
  }
  return program;
}

function afterHelp(command: Command, t: Surroundings['t'], width: number): string {
  const examples = (EXAMPLES[command.name()] ?? []).map((example) => `  $ npx nestjs-wanpay ${example}`);
  return ['', t('Examples:'), ...examples, '', ...[EXITS, KEYS].map((text) => wrap(t(text), width))].join('\n');
}

/** Translates the parser's message about a mistake, line by line. */
function translated(text: string, t: Surroundings['t']): string {
  return text.split('\n').map(t).join('\n');
}

/** Removes secrets from a quoted mistake, which may be the ledger's address after a misspelt option. */
export function withoutSecrets(text: string): string {
  return text
    .split('\n')
    .map((line) => cleanWords(line))
    .join('\n');
}
