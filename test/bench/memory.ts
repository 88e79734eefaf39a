import { Tables } from './database/tables.js';
import type { Remote } from './host/remote.js';
import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench, Plan } from './plan.js';
import { compared, type Row, told } from './row.js';
import { setTimeout as pause } from 'node:timers/promises';

const BLOCKS = 5;
const MEGABYTE = 1e6;
const CONNECTIONS = 64;

/** How much memory a host has before and after 100,000 notifications, all delivered. */
export const memory: Bench = async (plan) => {
  const tables = await Tables.create(await plan.postgres());
  const inMemory = await plan.hosts.start({ adapter: 'fastify', kind: 'module' });
  const without = await plan.hosts.start({ adapter: 'fastify', kind: 'bare' });
  const inPostgres = await plan.hosts.start({ adapter: 'fastify', kind: 'module', database: tables.address });
  const rows = [
    ...(await grow(plan, inMemory, 'ledger in memory, purged', {
      open: (prefix, count) => inMemory.ask({ ask: 'open', prefix, count }),
      purge: () => inMemory.ask({ ask: 'purge' }),
    })),
    ...(await grow(plan, inPostgres, 'PostgreSQL', {
      open: (prefix, count) => tables.open(prefix, count),
      purge: () => Promise.resolve(),
    })),
    await besideNone(plan, inMemory, without),
    await kept(plan, inMemory),
  ];
  await Promise.all([inMemory, without, inPostgres].map((host) => host.stop()));
  await tables.close();
  return { rows };
};

interface Retention {
  readonly open: (prefix: string, count: number) => Promise<unknown>;
  readonly purge: () => Promise<unknown>;
}

async function grow({ smoke }: Plan, host: Remote, name: string, retention: Retention): Promise<Row[]> {
  const count = countOf(smoke);
  const heap: number[] = [];
  const resident: number[] = [];
  // The first block is for warming up: what it leaves is what there is before.
  for (let block = 0; block <= BLOCKS; block += 1) {
    const prefix = `M${block}`;
    await retention.open(prefix, count);
    await post(host, prefix, count);
    await delivered(host, (block + 1) * count);
    await retention.purge();
    const [heapUsed = Number.NaN, rss = Number.NaN] = await host.ask({ ask: 'memory' });
    heap.push(heapUsed / MEGABYTE);
    resident.push(rss / MEGABYTE);
  }
  const notifications = BLOCKS * count;
  const head = { what: `heap after ${notifications} notifications, ${name}`, beside: `before`, unit: 'MB' } as const;
  return [
    compared({ ...head, target: { atMost: 1.05 } }, heap.slice(0, 1), heap.slice(-1)),
    told(`– bytes of heap more with each notification, by least squares`, 'bytes', [(slope(heap) / count) * MEGABYTE]),
    compared({ ...head, what: `– resident, ${name}` }, resident.slice(0, 1), resident.slice(-1)),
  ];
}

/** How much more a host takes with the module, once each has answered as many notifications. */
async function besideNone({ smoke }: Plan, host: Remote, without: Remote): Promise<Row> {
  for (let block = 0; block <= BLOCKS; block += 1) await post(without, `B${block}`, countOf(smoke));
  const [, rss = Number.NaN] = await host.ask({ ask: 'memory' });
  const [, rssWithout = Number.NaN] = await without.ask({ ask: 'memory' });
  const what = 'resident, a host with its ledger in memory, purged';
  return compared({ what, beside: 'a host without the module', unit: 'MB' }, [rssWithout / MEGABYTE], [rss / MEGABYTE]);
}

/** What the ledger in memory keeps of each payment that was issued, paid and delivered. */
async function kept({ smoke }: Plan, host: Remote): Promise<Row> {
  const count = countOf(smoke);
  const [before = 0] = await host.ask({ ask: 'delivered' });
  const heap: number[] = [];
  // The first block fills what the ledger remembers of the last orders, however many it has.
  for (let block = 0; block < 2; block += 1) {
    const prefix = `K${block}`;
    await host.ask({ ask: 'open', prefix, count });
    await post(host, prefix, count);
    await delivered(host, before + (block + 1) * count);
    const [heapUsed = Number.NaN] = await host.ask({ ask: 'memory' });
    heap.push(heapUsed);
  }
  const [first = Number.NaN, second = Number.NaN] = heap;
  return told('– bytes of heap kept for each paid payment, ledger in memory', 'bytes', [(second - first) / count]);
}

function countOf(smoke: boolean): number {
  return smoke ? 20 : 20_000;
}

function post(host: Remote, prefix: string, count: number): Promise<number> {
  return saturate(host.port, orderNos(prefix, count).map(paidNotification).map(formPost), CONNECTIONS, 200);
}

async function delivered(host: Remote, count: number): Promise<void> {
  for (let seen = 0; seen < count; [seen = 0] = await host.ask({ ask: 'delivered' })) await pause(10);
}

/** By how much figures grow from one to the next, by least squares. */
function slope(figures: readonly number[]): number {
  const middle = (figures.length - 1) / 2;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const covariance = figures.reduce((sum, figure, i) => sum + (i - middle) * (figure - mean), 0);
  return covariance / figures.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}
