import { Command } from 'commander';
import type { CommandContext } from './context.js';
import { cleanWords } from '../protocol/index.js';
import { addDoctor } from './doctor/doctor.command.js';
import { addHandlers } from './handlers.command.js';
import { addMigrations } from './migrations.command.js';
import { addQuery } from './query.command.js';
import { addReconcile } from './reconcile.command.js';
import { addRetire } from './retire.command.js';
import { addSign } from './sign.command.js';
import type { Surroundings } from './surroundings.js';
import { addVerify } from './verify.command.js';
import { VERSION } from './version.js';

const EXITS = `
Exit codes: 0 all is well; 1 something needs attention, or the command failed; 2 the command can't be used as given, and nothing was done.
Keys are read from the environment (WANPAY_KEY, WANPAY_KEYS) or --env-file, and are never printed.`;

/** The whole command line. */
export function createProgram(
  surroundings: Surroundings,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): Command {
  const program = new Command('nestjs-wanpay')
    .description('Looks after WanPay payments from the command line, with the WANPAY_* variables of the module.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => {
        write(withoutSecrets(text));
      },
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXITS);
  const commands = [addDoctor, addReconcile, addQuery, addHandlers, addRetire, addSign, addVerify, addMigrations];
  for (const add of commands) add(program, surroundings);
  return program;
}

/** A mistake is quoted as it was typed, and may be the ledger's address after a misspelt option. */
function withoutSecrets(text: string): string {
  return text
    .split('\n')
    .map((line) => cleanWords(line))
    .join('\n');
}
