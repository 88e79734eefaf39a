import { postgres } from 'nestjs-wanpay/postgres';
import { BY_HAND, settleInStatement, settleInTransaction } from './database/by-hand.js';
import { createPool } from './database/pool.js';
import { LEDGER, Tables } from './database/tables.js';
import type { HostMake } from './host/make.js';
import { Remote } from './host/remote.js';
import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { alternate, rateOf, type Side } from './measure.js';
import { orderNos, paidNotification, paidReport } from './orders.js';
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
  const ledger = postgres({ pool: pools[0] });
  await ledger.start();
  const byLedger = (orderNo: string): Promise<unknown> => ledger.settle(paidReport(orderNo));
  const side = (schema: string, count: number, atOnce: number, settle: (orderNo: string) => Promise<unknown>): Side => {
    return async (round) => {
      const prefix = `A${atOnce}R${round}`;
      await tables.open(schema, prefix, count);
      await tables.settleDown();
      return rateOf(orderNos(prefix, count), atOnce, settle);
    };
  };
  // Both sides have as much in their tables at any time: an index that has grown takes longer to be written to.
  const count = smoke ? 100 : 10_000;
  const [byHand, settled] = await alternate(
    [
      side(BY_HAND, count, AT_ONCE, (orderNo) => settleInTransaction(pools[1], orderNo)),
      side(LEDGER, count, AT_ONCE, byLedger),
    ],
    rounds,
  );
  const alone = smoke ? 20 : 1000;
  const [statement, settledAlone] = await alternate(
    [side(BY_HAND, alone, 1, (orderNo) => settleInStatement(pools[1], orderNo)), side(LEDGER, alone, 1, byLedger)],
    rounds,
  );
  await ledger.stop();
  await Promise.all(pools.map((pool) => pool.end()));
  const what = 'notification, PostgreSQL, 64 at once, the ledger alone';
  return [
    compared({ what, beside: BY_TRANSACTION, unit: '/s', target: { atLeast: 8 } }, byHand, settled),
    compared(
      {
        what: 'notification, PostgreSQL, one at a time, the ledger alone',
        beside: 'one statement per notification',
        unit: 'ms',
        target: { atMost: 1.05 },
      },
      statement?.map(latency),
      settledAlone?.map(latency),
    ),
  ];
}

async function throughHosts({ smoke, rounds, profileFolder }: Plan, tables: Tables): Promise<Row[]> {
  const database = tables.address;
  const start = (make: Omit<HostMake, 'adapter'>, profile?: string): Promise<Remote> =>
    Remote.host({ adapter: 'fastify', ...make }, profile);
  const bare = await start({ kind: 'bare' });
  const byHand = await start({ kind: 'by-hand', database });
  const elsewhere = await start({ kind: 'module', database, delivery: 'elsewhere' }, profileFolder);
  const side = (host: Remote, schema: string | undefined, prefix: string, count: number): Side => {
    return async (round) => {
      const orders = `${prefix}R${round}`;
      if (schema) await tables.open(schema, orders, count);
      await tables.settleDown();
      return saturate(host.port, orderNos(orders, count).map(paidNotification).map(formPost), AT_ONCE, 200);
    };
  };
  const count = smoke ? 100 : 6000;
  const [floor, transactions, settled] = await alternate(
    [side(bare, undefined, 'B', count), side(byHand, BY_HAND, 'H', count), side(elsewhere, LEDGER, 'E', count)],
    rounds,
  );
  await elsewhere.stop();
  const here = await start({ kind: 'module', database }, profileFolder);
  const [besideHere, delivered] = await alternate(
    [side(byHand, BY_HAND, 'HD', count), side(here, LEDGER, 'D', count)],
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

/** Milliseconds for one, of how many a second. */
function latency(perSecond: number): number {
  return 1000 / perSecond;
}
