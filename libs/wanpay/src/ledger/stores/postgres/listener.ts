import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Client } from 'pg';
import { reasonOf } from '../../../protocol/cause.js';
import { ignore } from '../ignore.js';
import type { Database } from './database.js';
import { loadPg } from './pool.js';

const CHANNEL = 'wanpay_deliveries';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A notice costs the server a commit of its own; within the commit of each settlement it would make that a third dearer. */
const ANNOUNCE_PAUSE_MS = 50;

/**
 * Notifies other processes that deliveries were recorded, and hears of theirs, on a connection of its own: one of the pool's
 * would be missing there, and keep the host from closing its pool.
 *
 * While the connection is lost, notices are too, and deliveries wait for the next look that is taken without one.
 */
export class PostgresListener {
  private readonly logger = new Logger('WanPayPostgres');
  private client: Client | undefined;
  private announcement: NodeJS.Timeout | undefined;
  private active = false;
  /** Names this process, which ignores its own notices. */
  private readonly origin = randomUUID();

  /** @param onNotice called for each notice, and when some may have been missed */
  constructor(
    private readonly db: Database,
    private readonly onNotice: () => void,
  ) {}

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.active = true;
    await this.listen();
  }

  async stop(): Promise<void> {
    this.active = false;
    if (this.announcement) await this.send();
    const { client } = this;
    this.client = undefined;
    // A connection that is lost has nothing left to close.
    await client?.end().catch(ignore);
  }

  /** Notifies the others that deliveries were recorded: in a moment, and once for all that are recorded until then. */
  announce(): void {
    if (!this.active) return;
    this.announcement ??= setTimeout(() => void this.send(), ANNOUNCE_PAUSE_MS).unref();
  }

  /** What can't be sent, the others find when they look by themselves. */
  private async send(): Promise<void> {
    clearTimeout(this.announcement);
    this.announcement = undefined;
    await this.db.query('SELECT pg_notify($1, $2)', [`${this.db.schema}_${CHANNEL}`, this.origin]).catch(ignore);
  }

  private async listen(): Promise<void> {
    const { Client } = await loadPg();
    // The pool's very options, since it hides the password in them from whoever copies them.
    const client = new Client(this.db.pool.options);
    client.on('error', (error: Error) => void this.lost(client, reasonOf(error)));
    client.on('end', () => void this.lost(client, 'the server closed it.'));
    client.on('notification', ({ payload }) => {
      if (payload !== this.origin) this.onNotice();
    });
    try {
      await client.connect();
      await client.query(`LISTEN "${this.db.schema}_${CHANNEL}"`);
    } catch (error) {
      await client.end().catch(ignore);
      throw error;
    }
    if (this.active) this.client = client;
    else await client.end();
  }

  private async lost(client: Client, reason: string): Promise<void> {
    if (client !== this.client) return;
    this.client = undefined;
    this.logger.warn(`The connection that hears of new deliveries was lost and is made again: ${reason}`);
    client.end().catch(ignore);
    await this.listenAgain();
  }

  private async listenAgain(pause = FIRST_PAUSE_MS): Promise<void> {
    await sleep(pause, undefined, { ref: false });
    if (!this.active) return;
    try {
      await this.listen();
      if (this.client) this.onNotice();
    } catch {
      await this.listenAgain(Math.min(pause * 2, LONGEST_PAUSE_MS));
    }
  }
}
