import { setTimeout as pause } from 'node:timers/promises';
import { Tables } from './database/tables.js';
import { MOMENTS } from './host/make.js';
import type { Remote } from './host/remote.js';
import { arrive, type Arrival } from './http/load.js';
import { formPost } from './http/requests.js';
import { quantile } from './measure.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench } from './plan.js';
import { type Row, told } from './row.js';

const PER_SECOND = 500;
const CONNECTIONS = 64;
const QUANTILES = { p50: 0.5, p99: 0.99 };

/** The parts of an order's way, each from one moment to another; `due`, `sent` and `answered` are the sender's. */
const PARTS: readonly (readonly [name: string, from: string, to: string])[] = [
  ['the sender is late', 'due', 'sent'],
  ['arrive, parse, verify, wait for a batch', 'sent', 'reading'],
  ['read', 'reading', 'read'],
  ['apply the rules', 'read', 'settling'],
  ['commit', 'settling', 'settled'],
  ['acknowledge', 'settled', 'answered'],
  ['wait for the claim', 'settled', 'claiming'],
  ['claim', 'claiming', 'claimed'],
  ['reach the handler', 'claimed', 'handling'],
  ['handler', 'handling', 'handled'],
  ['record', 'handled', 'recorded'],
];

type Moments = ReadonlyMap<string, number>;

type Run = readonly Moments[];

/**
 * How long it takes from a notification's arrival until its handler is done, with 500 coming in a second. Payments are opened by
 * another process, so that each is read first; and then by the process itself, which knows them.
 */
export const deliveryLatency: Bench = async (plan) => {
  const tables = await Tables.create(await plan.postgres());
  const host = await plan.hosts.start(
    { adapter: 'fastify', kind: 'module', database: tables.address, timed: true },
    plan.profileFolder,
  );
  const { warmUp, counted } = plan.rounds;
  const count = plan.smoke ? PER_SECOND / 25 : PER_SECOND * 5;
  const [unknown, known]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < warmUp + counted; round += 1) {
    await tables.open(`U${round}`, count);
    const ofUnknown = await measure(tables, host, `U${round}`, count);
    await host.ask({ ask: 'open', prefix: `K${round}`, count });
    const ofKnown = await measure(tables, host, `K${round}`, count);
    if (round < warmUp) continue;
    unknown.push(ofUnknown);
    known.push(ofKnown);
  }
  await host.stop();
  await tables.close();
  const whole = 'notification to handler done, PostgreSQL, 500/s';
  return {
    rows: [
      ...rowsOf(whole, unknown, 'due', 'handled'),
      ...PARTS.flatMap(([name, from, to]) => rowsOf(`– ${name}`, unknown, from, to)),
      ...rowsOf(`${whole}, opened by the same process`, known, 'due', 'handled'),
    ],
  };
};

async function measure(tables: Tables, host: Remote, prefix: string, count: number): Promise<Run> {
  await tables.settleDown();
  const requests = orderNos(prefix, count).map(paidNotification).map(formPost);
  const [before = 0] = await host.ask({ ask: 'delivered' });
  const arrivals = await arrive(host.port, requests, PER_SECOND, CONNECTIONS);
  for (let delivered = before; delivered < before + count; [delivered = 0] = await host.ask({ ask: 'delivered' })) {
    await pause(10);
  }
  const moments = await host.ask({ ask: 'moments', prefix, count });
  return arrivals.map((arrival, i) => toMoments(arrival, moments.slice(i * MOMENTS.length)));
}

function toMoments({ due, sent, answered }: Arrival, moments: readonly number[]): Moments {
  const noted = MOMENTS.map((name, i): [string, number] => [name, moments[i] ?? Number.NaN]);
  const bySender = Object.entries({ due, sent, answered }).map(([name, at]): [string, number] => [
    name,
    Number(at) / 1e6,
  ]);
  return new Map([...bySender, ...noted]);
}

/** A row for each quantile, of its figures by round. */
function rowsOf(what: string, runs: readonly Run[], from: string, to: string): Row[] {
  const took = runs.map((orders) =>
    orders.map((moments) => (moments.get(to) ?? Number.NaN) - (moments.get(from) ?? Number.NaN)),
  );
  return Object.entries(QUANTILES).map(([name, share]) =>
    told(
      `${what}, ${name}`,
      'ms',
      took.map((figures) => quantile(figures, share)),
    ),
  );
}
