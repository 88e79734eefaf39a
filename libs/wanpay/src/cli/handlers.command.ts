import type { Command } from 'commander';
import type { HandlerStatus } from '../ledger/deliveries.js';
import { formatTaipei } from '../protocol/index.js';
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
import { table } from './table.js';

interface HandlersOptions extends CommonOptions, LedgerOptions {}

/** `handlers`: which handlers the ledger knows, and how many deliveries wait for each. */
export function addHandlers(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withCommonOptions(program.command('handlers')))
    .description('list the handlers that the ledger knows, and the deliveries that wait for each')
    .action(async (options: HandlersOptions) => {
      await surroundings.finish(options, () => list(options, surroundings));
    });
}

async function list(options: HandlersOptions, { env, clock, t }: Surroundings): Promise<CommandResult> {
  const place = requireLedgerPlace(options, environmentOf(options, env));
  const handlers = await useLedger(place, (ledger) => ledger.deliveries.handlers(clock.now()));
  const head = ['handler', 'events', 'pending', 'dead', 'last seen (Taipei)'].map(t);
  return {
    text:
      handlers.length === 0
        ? t('The ledger knows no handler yet.')
        : table([head, ...handlers.map((handler) => describe(handler, t))]),
    json: handlers,
    ok: handlers.every(({ dead, isRunning, pending }) => dead === 0 && (isRunning || pending === 0)),
  };
}

function describe(
  { id, types, pending, dead, lastSeenAt, isRunning }: HandlerStatus,
  t: Surroundings['t'],
): readonly string[] {
  const seen = isRunning ? t('running') : formatTaipei(lastSeenAt);
  return [id, types.join(', '), String(pending), String(dead), seen];
}
