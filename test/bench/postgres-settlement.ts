import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import type { Pool } from 'pg';
import { settleInStatement, settleInTransaction } from './database/by-hand.js';
import { createPool } from './database/pool.js';
import { Tables } from './database/tables.js';
import type { HostMake } from './host/make.js';
import type { Remote } from './host/remote.js';
import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { alternate, rateOf, type Side } from './measure.js';
import { openAll, orderNos, paidNotification, paidReport } from './orders.js';
import type { Bench, Plan } from './plan.js';
import { compared, type Row, type RowHead } from './row.js';

const AT_ONCE = 64;
const BY_TRANSACTION = 'one transaction per notification';

/** How notifications are settled in PostgreSQL, by the ledger alone and through a host. */
export const postgresSettlement: Bench = async (plan) => {
  const tables = await Tables.create(await plan.postgres());
  const rows = [...(await inProcess(plan, tables)), ...(await throughHosts(plan, tables))];
  await tables.close();
  return { rows };
};

async function inProcess({ smoke, rounds }: Plan, tables: Tables): Promise<Row[]> {
  const pools = [createPool(tables.address), createPool(tables.address)] as const;
  const ledger = new Ledger(postgres({ pool: pools[0] }));
  await ledger.start();
  const byHand = (count: number, atOnce: number, settle: (pool: Pool, orderNo: string) => Promise<void>): Side => {
    return async (round) => {
      const prefix = `A${atOnce}R${round}`;
      await tables.openByHand(prefix, count);
      await tables.settleDown();
      return rateOf(orderNos(prefix, count), atOnce, (orderNo) => settle(pools[1], orderNo));
    };
  };
  const byLedger = (count: number, atOnce: number, opener: 'this process' | 'another'): Side => {
    return async (round) => {
      const prefix = `A${atOnce}${opener === 'another' ? 'X' : ''}R${round}`;
      const orders = orderNos(prefix, count);
      await (opener === 'another' ? tables.open(prefix, count) : openAll(ledger, orders));
      await tables.settleDown();
      return rateOf(orders, atOnce, (orderNo) => ledger.settle(paidReport(orderNo)));
    };
  };
  // Both sides have as much in their tables at any time: an index that has grown takes longer to be written to.
  const count = smoke ? 20 : 10_000;
  const [transactions, settled, unknown] = await alternate(
    [
      byHand(count, AT_ONCE, settleInTransaction),
      byLedger(count, AT_ONCE, 'this process'),
      byLedger(count, AT_ONCE, 'another'),
    ],
    rounds,
  );
  const alone = smoke ? 5 : 1000;
  const [statement, settledAlone, unknownAlone] = await alternate(
    [byHand(alone, 1, settleInStatement), byLedger(alone, 1, 'this process'), byLedger(alone, 1, 'another')],
    rounds,
  );
  await ledger.stop();
  await Promise.all(pools.map((pool) => pool.end()));
  const together: RowHead = {
    what: 'notification, PostgreSQL, 64 at once, the ledger alone',
    beside: BY_TRANSACTION,
    unit: '/s',
    target: { atLeast: 3.8 },
  };
  const lone: RowHead = {
    what: 'notification, PostgreSQL, one at a time, the ledger alone',
    beside: 'one statement per notification',
    unit: 'ms',
    target: { atMost: 1.4 },
  };
  return [
    compared(together, transactions, settled),
    compared(
      { ...withoutTarget(together), what: `${together.what}, opened by another process` },
      transactions,
      unknown,
    ),
    compared(lone, statement?.map(latency), settledAlone?.map(latency)),
    compared(
      { ...withoutTarget(lone), what: `${lone.what}, opened by another process` },
      statement?.map(latency),
      unknownAlone?.map(latency),
    ),
  ];
}

async function throughHosts({ smoke, rounds, profileFolder, hosts }: Plan, tables: Tables): Promise<Row[]> {
  const database = tables.address;
  const start = (make: Omit<HostMake, 'adapter'>, profile?: string): Promise<Remote> =>
    hosts.start({ adapter: 'fastify', ...make }, profile);
  const bare = await start({ kind: 'bare' });
  const byHand = await start({ kind: 'by-hand', database });
  const elsewhere = await start({ kind: 'module', database, delivery: 'elsewhere' }, profileFolder);
  const side = (host: Remote, tablesOf: 'hand' | 'ledger' | undefined, prefix: string, count: number): Side => {
    return async (round) => {
      const orders = `${prefix}R${round}`;
      if (tablesOf === 'ledger') await tables.open(orders, count);
      if (tablesOf === 'hand') await tables.openByHand(orders, count);
      await tables.settleDown();
      return saturate(host.port, orderNos(orders, count).map(paidNotification).map(formPost), AT_ONCE, 200);
    };
  };
  const count = smoke ? 20 : 6000;
  const [floor, transactions, settled] = await alternate(
    [side(bare, undefined, 'B', count), side(byHand, 'hand', 'H', count), side(elsewhere, 'ledger', 'E', count)],
    rounds,
  );
  await elsewhere.stop();
  const here = await start({ kind: 'module', database }, profileFolder);
  const [besideHere, delivered] = await alternate(
    [side(byHand, 'hand', 'HD', count), side(here, 'ledger', 'D', count)],
    rounds,
  );
  await Promise.all([bare, byHand, here].map((host) => host.stop()));
  const head = (what: string, beside: string, atLeast?: number): RowHead => ({
    what: `notification, PostgreSQL, 64 at once, Fastify${what}`,
    beside,
    unit: '/s',
    ...(atLeast === undefined ? {} : { target: { atLeast } }),
  });
  return [
    compared(head('', `${BY_TRANSACTION}, Fastify`, 5), transactions, settled),
    compared(head('', 'bare controller, no database', 0.6), floor, settled),
    compared(head(', handlers in the same process', `${BY_TRANSACTION}, Fastify, no handlers`), besideHere, delivered),
  ];
}

/** A row that is only told beside one that has a target. */
function withoutTarget({ target: _target, ...head }: RowHead): RowHead {
  return head;
}

/** Milliseconds for one, of how many a second. */
function latency(perSecond: number): number {
  return 1000 / perSecond;
}
