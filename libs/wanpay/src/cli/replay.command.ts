import type { Command } from 'commander';
import type { Deliveries } from '../ledger/deliveries.js';
import { UsageError } from './errors.js';
import { requireLedgerPlace, useLedger } from './ledger.js';
import { readMomentOption } from './moment.js';
import {
  type CommonOptions,
  environmentOf,
  type LedgerOptions,
  withCommonOptions,
  withLedgerOptions,
} from './options.js';
import { counted } from './plural.js';
import type { CommandResult } from './result.js';
import type { Surroundings } from './surroundings.js';

interface ReplayOptions extends CommonOptions, LedgerOptions {
  readonly all?: true;
  readonly handler?: string;
  readonly delivered?: true;
  readonly from?: Date;
  readonly to?: Date;
}

/** `replay`: delivers again what was given up, or delivered. */
export function addReplay(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withCommonOptions(program.command('replay')))
    .description('deliver dead letters to the host’s handlers again')
    .argument('[ids...]', 'the ids of deliveries, as the command dead shows them')
    .option('--all', 'every dead letter')
    .option('--handler <id>', 'every dead letter to this handler')
    .option(
      '--from <moment>',
      'only events recorded then or later; Taipei time unless a zone is given',
      readMomentOption,
    )
    .option('--to <moment>', 'only events recorded before then', readMomentOption)
    .option('--delivered', 'successful deliveries instead of dead letters; handlers then get an event twice')
    .action(async (ids: readonly string[], options: ReplayOptions) => {
      await surroundings.finish(options, () => replay(ids, options, surroundings));
    });
}

async function replay(
  ids: readonly string[],
  options: ReplayOptions,
  { env, clock, t }: Surroundings,
): Promise<CommandResult> {
  const { all, handler, delivered, from, to } = options;
  const isBulk = all ?? (handler !== undefined || from !== undefined || to !== undefined);
  if (ids.length > 0 === isBulk) throw new UsageError('Give ids, or --all, or any of --handler, --from and --to.');
  const place = requireLedgerPlace(options, environmentOf(options, env));
  return useLedger(place, async ({ deliveries }) => {
    if (!isBulk) return replayEach(ids, deliveries, clock.now(), t);
    const state = delivered ? 'delivered' : 'dead';
    const replayed = await deliveries.replayAll({ state, handler, from, to }, clock.now());
    return {
      text: t(`To be delivered again: ${counted(replayed, 'delivery', 'deliveries')}.`),
      json: { replayed },
      ok: true,
    };
  });
}

async function replayEach(
  ids: readonly string[],
  deliveries: Deliveries,
  now: Date,
  t: Surroundings['t'],
): Promise<CommandResult> {
  const missed: string[] = [];
  for (const id of ids) if (!(await deliveries.replay(id, now))) missed.push(id);
  const replayed = ids.length - missed.length;
  const lines = [
    t(`To be delivered again: ${counted(replayed, 'delivery', 'deliveries')}.`),
    ...missed.map((id) => t(`${id} can’t be replayed: there is no such delivery, or it is running.`)),
  ];
  return { text: lines.join('\n'), json: { replayed, missed }, ok: missed.length === 0 };
}
