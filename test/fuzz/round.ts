import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Recipe, recipeOf } from './grammar.js';
import { Host, type HostMake, nameOf } from './host.js';
import { type Finding, Judge } from './judge.js';
import { makeMessage } from './message.js';
import { MEANT_BY_CHANCE, minimal } from './minimal.js';
import { Tally } from './tally.js';
import { Wire } from './wire.js';
import { orderOf } from './world.js';

/** What a round of messages came to. */
export interface RoundResult {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly findings: readonly Replayable[];
  /** How many findings there were, those that are not told one by one included. */
  readonly found: number;
  /** How many of them are messages that were accepted with another meaning. */
  readonly otherMeanings: number;
  readonly longestStallMs: number;
}

/** A finding with what makes it happen again. */
export interface Replayable extends Finding {
  readonly host: string;
  readonly recipe: Recipe;
  readonly request: string;
}

/** Messages under way at each host at once. */
const CONNECTIONS = 8;
/** One mistake may be found by thousands of messages: so many of each kind are looked into. */
const TOLD_PER_FAULT = 3;
/** Hosts on Express take three times as long for a message. */
const SHARES: Readonly<Record<HostMake['adapter'], number>> = { fastify: 6, express: 1 };
const NANOSECONDS_PER_MS = 1e6;

/** Sends so many messages to hosts of these kinds. The first message has the number `from`. */
export async function runRound(
  makes: readonly HostMake[],
  seed: number,
  from: number,
  count: number,
): Promise<RoundResult> {
  const shares = makes.reduce((sum, { adapter }) => sum + SHARES[adapter], 0);
  let next = from;
  const bench = await Promise.all(
    makes.map(async (make) => {
      const share = Math.round((count * SHARES[make.adapter]) / shares);
      const indexes = range(next, share);
      next += share;
      const judge = new Judge();
      const host = await Host.start(make, judge);
      await host.open([...indexes, ...MEANT_BY_CHANCE].map(orderOf));
      return { make, judge, tally: new Tally(), host, indexes };
    }),
  );
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await Promise.all(
    bench.map(async ({ host, judge, tally, indexes }) => {
      const left = indexes.values();
      await Promise.all(
        range(0, CONNECTIONS).map(async () => {
          const wire = new Wire(host.port);
          for (const index of left) {
            const message = makeMessage(recipeOf(seed, index));
            judge.expect(message);
            const reply = await wire.send(message);
            tally.count(reply);
            judge.judge(message, reply);
          }
          wire.close();
        }),
      );
    }),
  );
  delay.disable();
  const all = bench.flatMap(({ make, judge }) => judge.findings.map((finding) => ({ make, finding })));
  const findings = await lookInto(seed, all);
  await Promise.all(bench.map(({ host }) => host.close()));
  return {
    tallies: new Map(bench.map(({ make, tally }) => [nameOf(make), tally])),
    findings,
    found: all.length,
    otherMeanings: all.filter(({ finding }) => finding.fault === 'another-meaning').length,
    longestStallMs: delay.max / NANOSECONDS_PER_MS,
  };
}

/** Makes the first findings of each kind replayable. */
async function lookInto(
  seed: number,
  found: readonly { readonly make: HostMake; readonly finding: Finding }[],
): Promise<readonly Replayable[]> {
  const told: Replayable[] = [];
  for (const { make, finding } of found) {
    if (told.filter(({ fault }) => fault === finding.fault).length >= TOLD_PER_FAULT) continue;
    const recipe = await minimal(make, finding.fault, recipeOf(seed, finding.index));
    const request = JSON.stringify(makeMessage(recipe).request.toString('latin1'));
    told.push({ ...finding, host: nameOf(make), recipe, request });
  }
  return told;
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
