import type { DeliveryClaim } from 'nestjs-wanpay/ledger';
import { PostgresServer } from '../servers/postgres.js';
import { GrownLedger, SHIPPING } from './growth/grown-ledger.js';
import { alternate, milliseconds, rateOf, type Side } from './measure.js';
import { openAll, orderNos, paidReport } from './orders.js';
import type { Bench } from './plan.js';
import { compared, type Row, told, type Unit } from './row.js';
import { claiming, sweeping } from './sweep.js';
import { Platform } from './sweep/platform.js';

const AT_ONCE = 64;
const DAY_MS = 86_400_000;
const FEW = 10_000;
const MANY = 10_000_000;
/** As a server is set that has a few gigabytes for the ledger; the rest lets it be loaded without a log. */
const SETTINGS = {
  ...{ shared_buffers: '2GB', maintenance_work_mem: '1GB', max_wal_size: '8GB', checkpoint_timeout: '30min' },
  ...{ wal_level: 'minimal', max_wal_senders: '0' },
};
/** What is settled in a round is purged in it, so that there are as many payments at its end as at its beginning. */
const BATCH = 300;
/** As many as the module purges at once. */
const PURGED = 200;
const DUE = 100;
const TARGET = { atMost: 1.3 };

/** What the same costs in a ledger of ten thousand payments and in one of ten million. */
export const growth: Bench = async ({ smoke, rounds, server }) => {
  const size = smoke
    ? { few: 2000, many: 10_000, batch: 20, purged: 20, due: 20 }
    : { few: FEW, many: MANY, batch: BATCH, purged: PURGED, due: DUE };
  const own = server === undefined ? await PostgresServer.start({ settings: smoke ? {} : SETTINGS }) : undefined;
  const address = server ?? own?.connectionString ?? '';
  const platform = await Platform.start();
  const ledgers = [
    await GrownLedger.open(address, size.few, size.due, platform.baseUrl),
    await GrownLedger.open(address, size.many, size.due, platform.baseUrl),
  ] as const;
  const run = Date.now().toString(36);
  const rows: Row[] = [];
  const measure = async (what: string, unit: Unit, sideOf: (grown: GrownLedger) => Side): Promise<void> => {
    const [few, many] = await alternate(ledgers.map(sideOf), rounds);
    const head = { what: `${what}, among ${size.many} payments, PostgreSQL`, beside: `among ${size.few}` };
    rows.push(compared({ ...head, unit, target: TARGET }, few, many));
  };
  // First what looks at payments: the smaller ledger's are replaced by and by.
  await measure('page of the newest payments', 'ms', ({ ledger, orders }) =>
    each(orders, () => ledger.list({ limit: 20 })),
  );
  await measure('page of older payments in one state', 'ms', ({ ledger, moments }) =>
    each(moments, (createdBefore) => ledger.list({ limit: 20, states: ['expired'], createdBefore })),
  );
  await measure('page of the newest deliveries', 'ms', ({ ledger, orders }) =>
    each(orders, () => ledger.deliveries.list({ limit: 20 }, new Date())),
  );
  await measure('history of a payment', 'ms', ({ ledger, orders }) => each(orders, (key) => ledger.timeline(key)));
  await measure('notification settled, one at a time', 'ms', (grown) => settling(grown, `H${run}A`, size.batch, 1));
  await measure('notification settled, 64 at once', 'ms', (grown) => settling(grown, `H${run}B`, size.batch, AT_ONCE));
  await measure('claim of 64 deliveries', 'ms', (grown) => claimingDeliveries(grown, `H${run}C`, AT_ONCE));
  await measure(`claim of ${size.due} checks`, 'ms', ({ swept }) => claiming(swept, size.due));
  await measure(`sweep of ${size.due} checks`, 'ms', ({ swept }) => sweeping(swept, size.due));
  await measure(`purge of ${size.purged}`, 'ms', (grown) => purging(grown, size.purged));
  rows.push(...(await toldOf(ledgers[1], size.many)));
  for (const grown of ledgers) {
    rows.push(told(`space of one payment among ${grown.payments}`, 'bytes', [await grown.bytesPerPayment()]));
    await grown.close();
  }
  await platform.stop();
  await own?.stop();
  return { rows };
};

/** What grows with the payments, and what is not in memory. */
async function toldOf(grown: GrownLedger, payments: number): Promise<readonly Row[]> {
  const { ledger } = grown;
  const rows: Row[] = [];
  const tell = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const figures: number[] = [];
    for (let times = 0; times < 9; times += 1) figures.push(await milliseconds(work));
    rows.push(told(`${what}, among ${payments} payments, PostgreSQL`, 'ms', figures));
  };
  await tell('history of a payment that nobody has looked at lately', () => ledger.timeline(grown.anyOrder()));
  await tell(`purge of ${PURGED} that nobody has looked at lately`, () =>
    ledger.purge(new Date(Date.now() - DAY_MS), PURGED),
  );
  const to = new Date();
  await tell('count of the last day', () => ledger.summarize({ from: new Date(to.getTime() - DAY_MS), to }));
  return rows;
}

/** How long one takes, of many. */
function each<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Side {
  return async () => {
    const elapsed = await milliseconds(async () => {
      for (const item of items) await work(item);
    });
    return elapsed / items.length;
  };
}

/** Settles payments that another process has just opened, and afterwards takes as many older ones away. */
function settling(grown: GrownLedger, prefix: string, count: number, atOnce: number): Side {
  return async (round) => {
    const orders = orderNos(`${prefix}R${round}`, count);
    await openAll(grown.opener, orders);
    const perSecond = await rateOf(orders, atOnce, (orderNo) => grown.ledger.settle(paidReport(orderNo)));
    await deliver(grown);
    await grown.ledger.purge(new Date(Date.now() - DAY_MS), count);
    return 1000 / perSecond;
  };
}

async function deliver({ ledger }: GrownLedger): Promise<void> {
  for (;;) {
    const { deliveries } = await ledger.deliveries.claim(claimOf(AT_ONCE));
    if (deliveries.length === 0) return;
    await Promise.all(deliveries.map((delivery) => ledger.deliveries.succeed(delivery, new Date())));
  }
}

/** What is claimed is settled before, and marked as done after. */
function claimingDeliveries(grown: GrownLedger, prefix: string, count: number): Side {
  return async (round) => {
    const orders = orderNos(`${prefix}R${round}`, count);
    await openAll(grown.opener, orders);
    await Promise.all(orders.map((orderNo) => grown.opener.settle(paidReport(orderNo))));
    const { deliveries } = grown.ledger;
    let claimed: Awaited<ReturnType<typeof deliveries.claim>> | undefined;
    const elapsed = await milliseconds(async () => {
      claimed = await deliveries.claim(claimOf(count));
    });
    if (claimed?.deliveries.length !== count)
      throw new Error(`${claimed?.deliveries.length} of ${count} were claimed.`);
    await Promise.all(claimed.deliveries.map((delivery) => deliveries.succeed(delivery, new Date())));
    return elapsed;
  };
}

function claimOf(limit: number): DeliveryClaim {
  const now = new Date();
  return { subscriptions: [SHIPPING], now, leaseUntil: new Date(now.getTime() + 60_000), limit };
}

/** A batch of the payments that are older than a day, which are in memory. */
function purging(grown: GrownLedger, count: number): Side {
  return async () => {
    await grown.readOldest(count);
    await grown.settleDown();
    let purged = 0;
    const elapsed = await milliseconds(async () => {
      purged = await grown.ledger.purge(new Date(Date.now() - DAY_MS), count);
    });
    if (purged !== count) throw new Error(`${purged} of ${count} were purged.`);
    return elapsed;
  };
}
