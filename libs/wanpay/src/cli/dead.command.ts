import { type Command, InvalidArgumentError } from 'commander';
import type { Delivery } from '../ledger/deliveries.js';
import { formatTaipei } from '../protocol/index.js';
import { requireLedgerPlace, useLedger } from './ledger.js';
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

interface DeadOptions extends CommonOptions, LedgerOptions {
  readonly handler?: string;
  readonly limit: number;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** `dead`: the deliveries that were given up, and why. */
export function addDead(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withCommonOptions(program.command('dead')))
    .description('list the dead letters: deliveries that were given up, newest first, and why')
    .option('--handler <id>', 'only those to this handler')
    .option('--limit <number>', 'how many at most', readLimit, DEFAULT_LIMIT)
    .action(async (options: DeadOptions) => {
      await surroundings.finish(options, () => list(options, surroundings));
    });
}

async function list(options: DeadOptions, { env, clock, t }: Surroundings): Promise<CommandResult> {
  const { handler, limit } = options;
  const place = requireLedgerPlace(options, environmentOf(options, env));
  const { deliveries, next } = await useLedger(place, (ledger) =>
    ledger.deliveries.list({ state: 'dead', handler, limit }, clock.now()),
  );
  const more = next === undefined ? [] : [t('There are more: give a greater --limit.')];
  const text =
    deliveries.length === 0
      ? t('There is no dead letter.')
      : [
          ...deliveries.map((delivery) => describe(delivery, t)),
          ...more,
          t('When the cause is gone, deliver them again with replay.'),
        ].join('\n\n');
  return { text, json: deliveries.map(summarize), ok: deliveries.length === 0 };
}

function describe(delivery: Delivery, t: Surroundings['t']): string {
  const { id, event, handler, attempts, failure = '', finishedAt } = delivery;
  const when = finishedAt ? formatTaipei(finishedAt) : '';
  return [
    t(
      `${event.type} of order ${event.orderNo} to ${handler}, given up at ${when} after ${counted(attempts, 'attempt')}`,
    ),
    `  ${t('because')}  ${failure}`,
    `  ${t('id')}       ${id}`,
  ].join('\n');
}

/** What is told of a delivery: its event holds the payer's account, which has no place here. */
function summarize({ id, event, handler, attempts, failure, finishedAt }: Delivery): object {
  const { type, merchantNo, orderNo } = event;
  return { id, handler, type, merchantNo, orderNo, attempts, failure, finishedAt };
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return limit;
}
