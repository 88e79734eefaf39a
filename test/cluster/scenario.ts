import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { until } from '../crash/chance.js';
import { type Tally, tally } from '../crash/tally.js';
import { atOnce } from '../processes/at-once.js';
import { RestartingHost } from '../processes/restarting-host.js';
import type { QueueServer } from '../servers/queue-server.js';
import { Front, overlaps } from './front.js';

const HOST = join(dirname(fileURLToPath(import.meta.url)), '..', 'crash', 'host.js');
const HOSTS = 3;
const PAYERS_AT_ONCE = 8;
/** Every tenth notification is never sent, so that a sweep has to find its payment. */
const DROPPED = 10;
/** A tenth of the platform's pauses, as in test/crash. */
const RETRY_MINUTES = [0.1, 0.3, 0.5];
const STEP = { seconds: 1 };
const STEPS_UNTIL_THE_LAST_ATTEMPT = 60;

/** What is to happen. */
export interface Plan {
  readonly orders: number;
  /** Whose process is killed, one after the other: a host that asks the platform just then, or one that does not. */
  readonly victims: readonly ('asking' | 'idle')[];
}

/** What happened. */
export interface Figures {
  readonly orders: number;
  /** Notifications that the platform sent. */
  readonly attempts: number;
  /** Orders of which the platform never told, found by sweeps. */
  readonly foundBySweeps: number;
  readonly exactlyOnce: Tally;
  /** How many effects came about in each host. */
  readonly effectsOf: readonly number[];
  /** Jobs of the queue that hosts worked on: wake-ups for deliveries, and sweeps. */
  readonly deliverJobs: number;
  readonly sweepJobs: number;
  readonly queries: number;
  /** Queries that were under way while another host asked too. */
  readonly overlaps: number;
  readonly hostsKilled: number;
  /** Hosts that ended though nobody killed them. */
  readonly hostsDied: number;
  readonly seconds: number;
}

/** Lets payers pay at three hosts over one ledger while hosts are killed, and the queue is killed and wiped. */
export async function runCluster(databaseUrl: string, queue: QueueServer, plan: Plan): Promise<Figures> {
  const started = performance.now();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const emulator = await startWanPayEmulator({ retryMinutes: RETRY_MINUTES });
  const fronts = await Promise.all(Array.from({ length: HOSTS }, () => Front.start(emulator.baseUrl)));
  const hosts = await Promise.all(
    fronts.map((front, i) =>
      RestartingHost.at(HOST, emulator, {
        HOST_NAME: String(i),
        DATABASE_URL: databaseUrl,
        QUEUE_CONNECTION: JSON.stringify(queue.connection),
        WANPAY_BASE_URL: front.url,
        WANPAY_TIMEOUT_MS: '3000',
      }),
    ),
  );
  try {
    await database.query('create table effects (order_no text not null, host text)');
    await Promise.all(hosts.map((host) => host.start()));
    const orders = Array.from({ length: plan.orders }, (_, i) => `CLUSTER${i}`);
    await atOnce(PAYERS_AT_ONCE, orders, (orderNo) => hostOf(hosts, orderNo).insist(`/orders/${orderNo}`));

    const troubles = makeTroubles(plan, emulator, queue, hosts, fronts);
    await payAll(emulator, database, orders);
    const hostsKilled = await troubles;
    for (let step = 0; step < STEPS_UNTIL_THE_LAST_ATTEMPT; step += 1) await emulator.advance(STEP);
    const untold = untoldOrders(emulator, orders);
    await makeCheckDue(database, untold);
    await until(async () => (await effectsOf(database)).length >= orders.length);
    const hostsDied = hosts.filter(({ hasDied }) => hasDied).length;
    await Promise.all(hosts.map((host) => host.stop()));

    const effects = await effectsOf(database);
    const printed = hosts.map(({ output }) => output).join('');
    return {
      orders: orders.length,
      attempts: emulator.notifications().length,
      foundBySweeps: untold.length,
      exactlyOnce: tally(
        orders,
        effects.map(({ orderNo }) => orderNo),
      ),
      effectsOf: hosts.map((_, i) => effects.filter(({ host }) => host === String(i)).length),
      deliverJobs: printed.split('D').length - 1,
      sweepJobs: printed.split('S').length - 1,
      queries: fronts.reduce((sum, { queries }) => sum + queries.length, 0),
      overlaps: overlaps(fronts),
      hostsKilled,
      hostsDied,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    };
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
    for (const front of fronts) front.close();
    await emulator.close();
    await database.end();
  }
}

/** Opened by all hosts in turn; each is told of what it opened. */
function hostOf(hosts: readonly RestartingHost[], orderNo: string): RestartingHost {
  const host = hosts[Number(orderNo.replace(/\D/g, '')) % hosts.length];
  if (!host) throw new Error('There is no host.');
  return host;
}

async function payAll(emulator: WanPayEmulator, database: pg.Client, orders: readonly string[]): Promise<void> {
  let paid = 0;
  await atOnce(PAYERS_AT_ONCE, orders, async (orderNo) => {
    paid += 1;
    const isDropped = paid % DROPPED === 0;
    if (isDropped) emulator.faults.dropNotifications(1);
    await emulator.pay(orderNo);
    if (isDropped) await makeCheckDue(database, [orderNo]);
  });
}

/** One after the other, spread over the payments: each host that is to be killed, then the queue's server, then its data. */
async function makeTroubles(
  { orders, victims }: Plan,
  emulator: WanPayEmulator,
  queue: QueueServer,
  hosts: readonly RestartingHost[],
  fronts: readonly Front[],
): Promise<number> {
  const killHost = (victim: 'asking' | 'idle') => async (): Promise<void> => {
    const wanted = (): RestartingHost | undefined =>
      hosts.find((_, i) => fronts[i]?.isAsking === (victim === 'asking'));
    await until(() => wanted() !== undefined);
    await wanted()?.crash();
  };
  const restartQueue = async (): Promise<void> => {
    await queue.kill();
    const notifications = emulator.notifications().length;
    await until(() => emulator.notifications().length >= Math.min(notifications + orders / 20, orders * 0.8));
    await queue.restart();
  };
  const troubles = [...victims.map(killHost), restartQueue, () => queue.wipe()];
  for (const [i, trouble] of troubles.entries()) {
    const threshold = ((i + 0.5) / (troubles.length + 1)) * orders * (1 - 1 / DROPPED);
    await until(() => emulator.notifications().length >= threshold);
    await trouble();
  }
  return victims.length;
}

function untoldOrders(emulator: WanPayEmulator, orders: readonly string[]): string[] {
  const told = new Set(emulator.notifications().flatMap((attempt) => (attempt.acknowledged ? [attempt.orderNo] : [])));
  return orders.filter((orderNo) => !told.has(orderNo));
}

/** As if the time of the first check, a quarter of an hour after the order, had come. */
async function makeCheckDue(database: pg.Client, orders: readonly string[]): Promise<void> {
  await database.query(
    `update wanpay.wanpay_orders set next_check_at = extract(epoch from now()) * 1000
     where order_no = any($1) and state = 'pending'`,
    [orders],
  );
}

async function effectsOf(database: pg.Client): Promise<{ orderNo: string; host: string }[]> {
  const { rows } = await database.query<{ orderNo: string; host: string }>(
    'select order_no as "orderNo", host from effects',
  );
  return rows;
}
