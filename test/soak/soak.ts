import { setTimeout as pause } from 'node:timers/promises';
import { PostgresServer } from '../servers/postgres.js';
import { SoakDatabase } from './database.js';
import { hangUp } from './http.js';
import { Lags } from './lags.js';
import { type Plan, PROCESSES } from './plan.js';
import { Platform } from './platform.js';
import type { Row, Totals } from './report.js';
import { Shop } from './shop.js';
import { SoakHost } from './soak-host.js';

/** Sweeps find what no notification told a minute or two after it was opened; a machine that fell behind takes longer. */
const STALLED_MS = 5 * 60_000;
const LONGEST_DRAIN_MS = 30 * 60_000;
const DRAIN_STEP_MS = 2000;

/** Runs a soak in temporary folders, and ends all that it started. */
export async function soak(plan: Plan, onRow: (row: Row) => void, signal: AbortSignal): Promise<Totals> {
  const server = await PostgresServer.start();
  const lags = new Lags();
  const platform = await Platform.start(lags.send, lags.fail);
  const databaseUrl = await server.createDatabase();
  const database = await SoakDatabase.connect(databaseUrl);
  const hosts = await Promise.all(
    Array.from({ length: PROCESSES }, () => SoakHost.at(plan, { baseUrl: platform.baseUrl, databaseUrl }, lags.call)),
  );
  try {
    return await new Soak(plan, { platform, database, hosts, lags }, onRow, signal).run();
  } finally {
    await Promise.all(hosts.map((host) => host.end('SIGKILL')));
    await platform.close();
    hangUp();
    await database.close();
    await server.stop();
  }
}

/** What a soak consists of. */
interface Parts {
  readonly platform: Platform;
  readonly database: SoakDatabase;
  readonly hosts: readonly SoakHost[];
  readonly lags: Lags;
}

class Soak {
  private readonly shop: Shop;
  /** Aborted, too, when one part of the soak fails. */
  private readonly over = new AbortController();
  private readonly signal: AbortSignal;
  private begin = 0;
  private last = { at: 0, opened: 0 };
  private restarts = 0;
  private restarted: string[] = [];
  private doubled = 0;
  private plainTwice = 0;

  constructor(
    private readonly plan: Plan,
    private readonly parts: Parts,
    private readonly onRow: (row: Row) => void,
    signal: AbortSignal,
  ) {
    this.shop = new Shop(parts.hosts, parts.platform);
    this.signal = AbortSignal.any([signal, this.over.signal]);
  }

  async run(): Promise<Totals> {
    // One after the other, since the first makes the tables.
    for (const host of this.parts.hosts) await host.start();
    this.begin = Date.now();
    this.last.at = this.begin;
    const until = this.begin + this.plan.minutes * 60_000;
    try {
      await Promise.all([
        this.shop.run(this.plan.ordersPerSecond, until, this.signal),
        this.every(this.plan.rowSeconds, until, () => this.row()),
        this.every(this.plan.restartSeconds, until, () => this.restart()),
      ]);
      await this.shop.idle(this.signal);
      return await this.drain();
    } finally {
      this.over.abort();
    }
  }

  /** Works in every such span of time; what takes longer is late, and not made up for. */
  private async every(seconds: number, until: number, work: () => Promise<void>): Promise<void> {
    for (let next = this.begin + seconds * 1000; next <= until; next += seconds * 1000) {
      await pause(Math.max(0, next - Date.now()), undefined, { signal: this.signal });
      await work();
    }
  }

  private async row(): Promise<void> {
    const { hosts, lags, database } = this.parts;
    if (hosts.some(({ hasDied }) => hasDied)) throw new Error('A host ended without having been told to.');
    const { last } = this;
    this.last = { at: Date.now(), opened: this.shop.counts.opened };
    this.onRow({
      ...(await database.look(last.at)),
      minute: (this.last.at - this.begin) / 60_000,
      seconds: (this.last.at - last.at) / 1000,
      opened: this.last.opened - last.opened,
      lag: lags.take(),
      residentBytes: hosts.map(({ residentBytes }) => residentBytes),
      restarts: this.restarted.splice(0),
    });
    await this.take();
  }

  /** Restarts each process in turn, by killing it and by asking it to end in turn. */
  private async restart(): Promise<void> {
    const number = this.restarts % this.parts.hosts.length;
    const signal = this.restarts % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
    this.restarts += 1;
    const host = this.parts.hosts[number];
    await host?.end(signal);
    await host?.start();
    this.restarted.push(`${number + 1} ${signal === 'SIGKILL' ? 'killed' : 'ended'}`);
  }

  /** Counts the effects of orders that are complete, so that neither they nor their effects pile up. */
  private async take(): Promise<void> {
    const numbers = [...this.shop.open];
    const { doubled, repeated, incomplete } = await this.parts.database.take(numbers);
    const open = new Set(incomplete);
    for (const number of numbers) if (!open.has(number)) this.shop.open.delete(number);
    this.doubled += doubled;
    this.plainTwice += repeated;
  }

  /** Waits until every order is complete and no delivery is pending, for as long as it gets on, but not for ever; then counts. */
  private async drain(): Promise<Totals> {
    const { database, platform } = this.parts;
    const deadline = Date.now() + LONGEST_DRAIN_MS;
    let look = await database.look(this.last.at);
    for (let least = Number.POSITIVE_INFINITY, stalledAt = 0; ; look = await database.look(this.last.at)) {
      await this.take();
      const left = this.shop.open.size + look.pending;
      if (left < least) [least, stalledAt] = [left, Date.now() + STALLED_MS];
      if (left === 0 || Date.now() > Math.min(deadline, stalledAt)) break;
      await pause(DRAIN_STEP_MS, undefined, { signal: this.signal });
    }
    // An effect that is left came after the others of its order.
    const left = await database.left();
    return {
      ...this.shop.counts,
      ...platform.counts,
      restarts: this.restarts,
      lost: this.shop.open.size,
      doubled: this.doubled + (this.shop.open.size === 0 ? left.once : 0),
      plainTwice: this.plainTwice + left.plain,
      pending: look.pending,
      dead: look.dead,
    };
  }
}
