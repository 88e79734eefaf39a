import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { until } from '../crash/chance.js';
import { tally } from '../crash/tally.js';
import { atOnce } from '../processes/at-once.js';
import { RestartingHost } from '../processes/restarting-host.js';

const HOST = join(dirname(fileURLToPath(import.meta.url)), 'deploy-host.js');
const PAYERS_AT_ONCE = 8;

/** A handler of an application. */
interface Handler {
  readonly id: string;
  readonly isTransactional: boolean;
  /** Whether the first attempt at each event fails, so that another process may claim the next one. */
  readonly failsAtFirst: boolean;
}

const SHIP: Handler = { id: 'Shipping.ship', isTransactional: true, failsAtFirst: true };
const MAIL: Handler = { id: 'Mail.send', isTransactional: false, failsAtFirst: false };
/** The shop, before it is deployed anew. */
const OLD_SHOP = [SHIP, MAIL];
/** Mail has another name, and there is one handler more. */
const NEW_SHOP = [SHIP, { ...MAIL, id: 'Mailer.send' }, { ...SHIP, id: 'Loyalty.credit' }];
const WAREHOUSE: readonly Handler[] = [
  { id: 'Warehouse.pick', isTransactional: true, failsAtFirst: false },
  { id: 'Warehouse.label', isTransactional: false, failsAtFirst: true },
];

/** What is to happen. */
export interface Plan {
  /** How many orders are paid before, while and after the shop is deployed. */
  readonly orders: number;
  /** Whether the shop's old processes are killed rather than asked to end. */
  readonly kills: boolean;
}

/** What one handler did. */
export interface HandlerFigures {
  readonly id: string;
  readonly isTransactional: boolean;
  /** Orders that were paid while it was subscribed for certain. */
  readonly due: number;
  readonly effects: number;
  /** Of those due. */
  readonly missing: number;
  readonly doubled: number;
}

/** What happened. */
export interface Figures {
  readonly handlers: readonly HandlerFigures[];
  /** What the ledger showed as pending for the handler that no process had any more. */
  readonly leftBehind: number;
  readonly seconds: number;
}

/** Two replicas of a shop are deployed anew while a warehouse and a script work on the same ledger, and payers pay. */
export async function deploy(databaseUrl: string, plan: Plan): Promise<Figures> {
  const started = performance.now();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query('create table handled (handler text not null, order_no text not null)');
  const emulator = await startWanPayEmulator();
  const host = (handlers: readonly Handler[], env = {}): Promise<RestartingHost> =>
    RestartingHost.at(HOST, emulator, { DATABASE_URL: databaseUrl, HANDLERS: JSON.stringify(handlers), ...env });
  const warehouse = await host(WAREHOUSE);
  const script = await host([], { IS_SCRIPT: '1' });
  const oldReplicas = [await host(OLD_SHOP), await host(OLD_SHOP)];
  const newReplicas = [await host(NEW_SHOP), await host(NEW_SHOP)];
  const hosts = [warehouse, script, ...oldReplicas, ...newReplicas];
  try {
    await Promise.all([warehouse, script, ...oldReplicas].map((each) => each.start()));
    const orders = (name: string): string[] => Array.from({ length: plan.orders }, (_, i) => `${name}${i}`);
    const [before, during, after] = [orders('BEFORE'), orders('DURING'), orders('AFTER')];
    await open([warehouse, ...oldReplicas], before);
    await open([warehouse], [...during, ...after]);

    await pay(emulator, before);
    // One replica after the other, so that there is always one.
    for (const [i, replica] of newReplicas.entries()) {
      await replica.start();
      const paid = during.filter((_, place) => place % newReplicas.length === i);
      await Promise.all([pay(emulator, paid), oldReplicas[i]?.stop(plan.kills ? 'SIGKILL' : 'SIGTERM')]);
    }
    await pay(emulator, after);

    await until(async () => (await pendingOf(warehouse)).every(({ id, pending }) => id === MAIL.id || pending === 0));
    const leftBehind = (await pendingOf(warehouse)).find(({ id }) => id === MAIL.id)?.pending ?? 0;
    // The old version is back, and takes what was left for it.
    await oldReplicas[0]?.start();
    await until(async () => (await pendingOf(warehouse)).every(({ pending }) => pending === 0));
    await Promise.all(hosts.map((each) => each.stop()));

    const all = [...before, ...during, ...after];
    const added = NEW_SHOP.filter((handler) => !OLD_SHOP.includes(handler));
    const effects = await effectsOf(database);
    const figuresOf = (due: readonly string[], { id, isTransactional }: Handler): HandlerFigures => ({
      id,
      isTransactional,
      due: due.length,
      ...tally(due, effects.get(id) ?? []),
    });
    return {
      handlers: [
        ...[...OLD_SHOP, ...WAREHOUSE].map((handler) => figuresOf(all, handler)),
        ...added.map((handler) => figuresOf(after, handler)),
      ],
      leftBehind,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    };
  } finally {
    await Promise.all(hosts.map((each) => each.stop()));
    await emulator.close();
    await database.end();
  }
}

async function open(hosts: readonly RestartingHost[], orders: readonly string[]): Promise<void> {
  const places = orders.map((orderNo, i) => ({ orderNo, host: hosts[i % hosts.length] }));
  await atOnce(PAYERS_AT_ONCE, places, async ({ orderNo, host }) => host?.insist(`/orders/${orderNo}`));
}

async function pay(emulator: WanPayEmulator, orders: readonly string[]): Promise<void> {
  await atOnce(PAYERS_AT_ONCE, orders, (orderNo) => emulator.pay(orderNo));
}

/** How many deliveries each handler is yet to take, as the ledger shows it. */
async function pendingOf(host: RestartingHost): Promise<readonly { id: string; pending: number }[]> {
  const handlers: unknown = await (await fetch(`${host.url}/orders/handlers`)).json();
  if (!Array.isArray(handlers)) throw new TypeError('The host did not list its handlers.');
  return handlers.map(({ id, pending }: { id: unknown; pending: unknown }) => ({
    id: String(id),
    pending: Number(pending),
  }));
}

/** The orders that each handler handled, as often as it did. */
async function effectsOf(database: pg.Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await database.query<{ handler: string; orders: string[] }>(
    'select handler, array_agg(order_no) as orders from handled group by handler',
  );
  return new Map(rows.map(({ handler, orders }) => [handler, orders]));
}
