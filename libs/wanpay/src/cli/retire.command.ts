import type { Command } from 'commander';
import { UsageError } from './errors.js';
import { requireLedgerPlace, useLedger } from './ledger.js';
import {
  type CommonOptions,
  environmentOf,
  type LedgerOptions,
  withCommonOptions,
  withLedgerOptions,
} from './options.js';
import type { CommandResult } from './result.js';
import type { Surroundings } from './surroundings.js';

interface RetireOptions extends CommonOptions, LedgerOptions {
  readonly force?: true;
}

/** `retire`: forgets a handler that no process has any more, with its deliveries. */
export function addRetire(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withCommonOptions(program.command('retire')))
    .description('remove a handler that no process has any more, and drop its deliveries for good')
    .argument('<handler>', 'the handler’s id, as the command handlers shows it')
    .option('--force', 'also when a process had the handler in the last three minutes')
    .action(async (handler: string, options: RetireOptions) => {
      await surroundings.finish(options, () => retire(handler, options, surroundings));
    });
}

async function retire(
  handler: string,
  options: RetireOptions,
  { env, clock, t }: Surroundings,
): Promise<CommandResult> {
  const place = requireLedgerPlace(options, environmentOf(options, env));
  return useLedger(place, async ({ deliveries }) => {
    const retired = await deliveries.retire(handler, clock.now(), options);
    if (!retired) throw new UsageError(`The ledger knows no handler ${handler}. The command handlers lists them.`);
    const { pending, dead } = retired;
    return {
      text: t(`The handler ${handler} is retired. Dropped deliveries: ${pending} pending, ${dead} dead.`),
      json: { handler, dropped: { pending, dead } },
      ok: true,
    };
  });
}
