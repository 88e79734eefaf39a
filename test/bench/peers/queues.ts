import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RedisServer } from '../../servers/redis.js';
import { Tables } from '../database/tables.js';
import { alternate, quantile, type Side } from '../measure.js';
import { orderNos } from '../orders.js';
import type { Bench, Plan } from '../plan.js';
import { compared, type Row, type Unit } from '../row.js';
import { installPeers } from './packages.js';
import { PeerProcess } from './peer-process.js';

const AT_ONCE = 64;
const PER_SECOND = 20;
const TOOLS = ['bullmq', 'graphile-worker', 'pg-boss'] as const;
const OURS = fileURLToPath(new URL('our-queue.js', import.meta.url));

/** From a payment that is committed in PostgreSQL to its handler: ours, and with the job in a queue. */
export const queues: Bench = async (plan) => {
  const peers = await installPeers();
  const redis = await RedisServer.start();
  const tables = await Tables.create(await plan.postgres());
  const env = { DATABASE_URL: tables.address, REDIS_PORT: String(redis.connection.port) };
  const sides: PeerProcess[] = [];
  try {
    sides.push(await PeerProcess.start(OURS, env));
    for (const TOOL of TOOLS) sides.push(await PeerProcess.start(join(peers, 'queue.js'), { ...env, TOOL }));
    return { rows: await measure(plan, tables, sides) };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    await tables.close();
    await redis.stop();
  }
};

/** @param processes ours, then those of the tools */
async function measure({ smoke, rounds }: Plan, tables: Tables, processes: readonly PeerProcess[]): Promise<Row[]> {
  const side =
    (name: string, count: number, ask: (peer: PeerProcess, orders: readonly string[]) => Promise<number>) =>
    (peer: PeerProcess, i: number): Side =>
    async (round) => {
      const prefix = `${name}${i}R${round}`;
      await (i === 0 ? tables.open(prefix, count) : tables.openByHand(prefix, count));
      await tables.settleDown();
      return ask(peer, orderNos(prefix, count));
    };
  const rate = side('Q', smoke ? 50 : 3000, async (peer, orders) => {
    const [perSecond = Number.NaN] = await peer.ask({ ask: 'rate', orders, atOnce: AT_ONCE });
    return perSecond;
  });
  const latency = side('L', smoke ? 10 : 60, async (peer, orders) =>
    quantile(await peer.ask({ ask: 'latency', orders, perSecond: PER_SECOND }), 0.5),
  );
  const rates = await alternate(processes.map(rate), rounds);
  const latencies = await alternate(processes.map(latency), rounds);
  const rows = (what: string, unit: Unit, [ours, ...theirs]: readonly number[][]): Row[] =>
    TOOLS.map((beside, i) =>
      compared({ what: `payment to handler, PostgreSQL, ${what}`, beside, unit }, theirs[i], ours),
    );
  return [...rows(`${AT_ONCE} at once`, '/s', rates), ...rows(`${PER_SECOND}/s, p50`, 'ms', latencies)];
}
