import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { atOnce } from '../processes/at-once.js';
import { RestartingHost } from '../processes/restarting-host.js';
import { between, until } from './chance.js';
import { type Tally, tally } from './tally.js';

const HOST = join(dirname(fileURLToPath(import.meta.url)), 'host.js');
const PAYERS_AT_ONCE = 16;
/** A tenth of the platform's pauses, so that the host's clock, which nobody moves, stays within the protocol's ten minutes. */
const RETRY_MINUTES = [0.1, 0.3, 0.5];
const STEP = { seconds: 1 };
/** The last attempt comes 54 seconds after the first; the payers' own time is added. */
const STEPS_UNTIL_THE_LAST_ATTEMPT = 90;

/** Where the host keeps its ledger, and where its effects are counted. */
export interface Store {
  /** What tells the host about it. */
  readonly env: Readonly<Record<string, string>>;
  /** The order numbers that the transactional handler wrote, as often as it wrote them; called when the host is down. */
  effects(): Promise<readonly string[]>;
  /** Kills and restarts the store itself, where it is a process of its own. */
  crash(): Promise<void>;
}

/** What is to happen. */
export interface Plan {
  readonly orders: number;
  /** How often the victim is killed while payments come in. */
  readonly kills: number;
  readonly victim: 'host' | 'store' | 'both in turn';
  /** Which part of the acknowledgements never reaches the platform, 0 to 1. */
  readonly lostReplies: number;
  /** A file for the plain handler's effects. */
  readonly plainEffects: string;
}

/** What happened. */
export interface Figures {
  readonly orders: number;
  readonly kills: number;
  /** Notifications that the platform sent. */
  readonly attempts: number;
  readonly acknowledged: number;
  /** Orders whose four notifications were all lost, so that only a query could tell. */
  readonly foundByQuery: number;
  readonly exactlyOnce: Tally;
  readonly atLeastOnce: Tally;
  readonly seconds: number;
}

/** Lets payers pay while the victim is killed at random moments, until every payment was told, and counts the effects. */
export async function crash(store: Store, plan: Plan): Promise<Figures> {
  const started = Date.now();
  const emulator = await startWanPayEmulator({ retryMinutes: RETRY_MINUTES });
  const host = await RestartingHost.at(HOST, emulator, { ...store.env, PLAIN_EFFECTS: plan.plainEffects });
  try {
    await host.start();
    const orders = Array.from({ length: plan.orders }, (_, i) => `CRASH${i}`);
    await atOnce(PAYERS_AT_ONCE, orders, (orderNo) => host.insist(`/orders/${orderNo}`));

    const victims = plan.victim === 'both in turn' ? (['host', 'store'] as const) : ([plan.victim] as const);
    let kills = 0;
    const killer = new Killer(emulator, plan, () => {
      kills += 1;
      return victims[kills % victims.length] === 'host' ? host.crash() : store.crash();
    });
    await atOnce(PAYERS_AT_ONCE, [...orders.entries()], async ([place, orderNo]) => {
      await killer.allows(place);
      if (Math.random() < plan.lostReplies) emulator.faults.loseAcknowledgements(1);
      await emulator.pay(orderNo);
    });
    emulator.faults.clear();
    for (let step = 0; step < STEPS_UNTIL_THE_LAST_ATTEMPT; step += 1) {
      await killer.recovered();
      await emulator.advance(STEP);
    }
    await killer.stop();

    const told = new Set(
      emulator.notifications().flatMap(({ acknowledged, orderNo }) => (acknowledged ? [orderNo] : [])),
    );
    const untold = orders.filter((orderNo) => !told.has(orderNo));
    await atOnce(PAYERS_AT_ONCE, untold, (orderNo) => host.insist(`/orders/${orderNo}/query`));

    await until(async () => (await undelivered(host)) === 0);
    await host.stop();
    const notifications = emulator.notifications();
    return {
      orders: orders.length,
      kills,
      attempts: notifications.length,
      acknowledged: notifications.filter(({ acknowledged }) => acknowledged).length,
      foundByQuery: untold.length,
      exactlyOnce: tally(orders, await store.effects()),
      atLeastOnce: tally(orders, await linesOf(plan.plainEffects)),
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await host.stop();
    await emulator.close();
  }
}

/** Kills after a random number of notifications more, so that others are under way each time. */
class Killer {
  private kills = 0;
  private killing: Promise<void> = Promise.resolve();
  private readonly done = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly emulator: WanPayEmulator,
    private readonly plan: Plan,
    private readonly kill: () => Promise<void>,
  ) {
    this.running = this.run();
  }

  /**
   * Resolves when an order may be paid, by its place among them: the kills of the orders before its share are over. Each kill
   * has a share of the orders, so that it finds notifications under way, however quickly those before were acknowledged.
   */
  allows(place: number): Promise<void> {
    const before = Math.floor((place * this.plan.kills) / this.plan.orders);
    return until(async () => {
      await this.recovered();
      return this.kills >= before;
    });
  }

  /** Resolves when what was killed, if anything, is back: nobody pays at a closed door for long. */
  recovered(): Promise<void> {
    return this.killing;
  }

  /** Resolves with how often it killed, when what it killed last is back. */
  async stop(): Promise<number> {
    this.done.abort();
    await this.running;
    return this.kills;
  }

  private async run(): Promise<void> {
    const { signal } = this.done;
    // Half of a kill's share of the orders, so that the others are under way or to come.
    const widest = Math.max(2, Math.floor(this.plan.orders / this.plan.kills / 2));
    while (this.kills < this.plan.kills) {
      const threshold = this.emulator.notifications().length + between(1, widest);
      await until(() => signal.aborted || this.emulator.notifications().length >= threshold);
      if (signal.aborted) return;
      this.killing = this.kill();
      await this.killing;
      this.kills += 1;
    }
  }
}

/** How many orders have handlers that are not done. */
async function undelivered(host: RestartingHost): Promise<number> {
  const reply = await fetch(`${host.url}/orders/undelivered`);
  return reply.ok ? Number(await reply.text()) : Number.NaN;
}

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter(Boolean);
}
