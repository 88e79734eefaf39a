import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { CommanderError } from 'commander';
import { reasonOf } from '../protocol/cause.js';
import { InvalidFieldError, WanPayError } from '../protocol/index.js';
import { WanPayConfigurationError } from '../wanpay.settings.js';
import { type CommandContext, type Output, processContext } from './context.js';
import { UsageError } from './errors.js';
import { languageOf, translatorOf } from './language/language.js';
import { CommandLog } from './log.js';
import { createProgram, withoutSecrets } from './program.js';
import { Progress } from './progress.js';
import { type CommandResult, EXIT_CODES } from './result.js';
import type { Surroundings } from './surroundings.js';
import { askSecret } from './terminal/ask-secret.js';
import { colourSigns, hasColours, inRed } from './terminal/colours.js';
import { wrap } from './terminal/wrap.js';

export { translatorOf } from './language/language.js';

/** How much is told of a failure that is none of ours. */
const MAX_FAILURE = 500;
const HOUR_MS = 3_600_000;
/** What would move a terminal's cursor, colour it or worse: some of what is shown was written by strangers. */
const CONTROLS = /[\p{Cc}\p{Cf}]/gu;

/**
 * Runs one command.
 *
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], context: CommandContext = processContext): Promise<number> {
  const { env, stdout, stderr, clock } = context;
  const t = translatorOf(languageOf(args, env));
  const progress = new Progress(stderr);
  const tell = (message: string): void => {
    progress.clear();
    stderr.write(message);
  };
  Logger.overrideLogger(new CommandLog(tell));
  let exitCode: number = EXIT_CODES.ok;
  const surroundings: Surroundings = {
    env,
    clock,
    progress,
    t,
    askKey: () => askSecret(t('The merchant’s key (it is not shown): '), context),
    readInput: async () => (context.stdin.isTTY ? undefined : text(context.stdin)),
    finish: async ({ json = false }, work) => {
      try {
        const result = await work().finally(() => {
          progress.clear();
        });
        if (json) stdout.write(print(result.json));
        else stdout.write(`${laidOut(result, stdout, env)}\n`);
        exitCode = result.ok ? EXIT_CODES.ok : EXIT_CODES.finding;
      } catch (error) {
        const failure = describe(error);
        if (json) stdout.write(print({ error: failure }));
        else tell(`${complaint(t(failure.message), stderr, env)}\n`);
        exitCode = exitCodeOf(error);
      }
    },
  };
  const program = createProgram(surroundings, context, args.includes('--json'));
  // The module's timers keep no process alive; a command that waits for one does.
  const alive = setInterval(() => undefined, HOUR_MS);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT_CODES.ok;
    // Without --json, the parser has already printed the mistake.
    if (args.includes('--json'))
      stdout.write(print({ error: { code: 'usage', message: withoutSecrets(error.message) } }));
    return EXIT_CODES.usage;
  } finally {
    clearInterval(alive);
  }
}

function print(json: CommandResult['json']): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/** What a command came to, as a terminal shows it: broken at words, its signs in colour. */
function laidOut({ text, isVerbatim }: CommandResult, output: Output, env: CommandContext['env']): string {
  const clean = printable(text);
  if (isVerbatim) return clean;
  const wrapped = output.columns === undefined ? clean : wrap(clean, output.columns);
  return hasColours(output, env) ? colourSigns(wrapped) : wrapped;
}

function complaint(message: string, output: Output, env: CommandContext['env']): string {
  const clean = printable(message);
  const wrapped = output.columns === undefined ? clean : wrap(clean, output.columns);
  return hasColours(output, env) ? inRed(wrapped) : wrapped;
}

function printable(message: string): string {
  return message.replace(CONTROLS, (control) => (control === '\n' ? control : '\uFFFD'));
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof WanPayError) return { code: error.code, message: error.message };
  return { code: 'failed', message: reasonOf(error, MAX_FAILURE) };
}

function exitCodeOf(error: unknown): number {
  const isUsage =
    error instanceof UsageError || error instanceof InvalidFieldError || error instanceof WanPayConfigurationError;
  return isUsage ? EXIT_CODES.usage : EXIT_CODES.finding;
}
