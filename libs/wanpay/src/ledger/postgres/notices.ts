import { Logger } from '@nestjs/common';
import type { Client, Pool } from 'pg';
import type { Database } from './database.js';
import { loadPg } from './pg.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A notice costs the server a commit of its own, which in the commit of each settlement would cost that a third more. */
const ANNOUNCE_PAUSE_MS = 50;

/**
 * Tells other processes of events that are owed, and hears of theirs, on a connection of its own: one of the pool's would
 * be missing there, and keep the host from closing its pool.
 *
 * While the connection is lost, nudges are too, and events wait for the next look that is taken without one.
 */
export class Notices {
  private readonly logger = new Logger('WanPayPostgres');
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private announcement: NodeJS.Timeout | undefined;
  private pause = FIRST_PAUSE_MS;
  private active = false;

  /**
   * @param origin names this process; its own notices are not news to it
   * @param onNotice called for each notice, and when some may have been missed
   */
  constructor(
    private readonly db: Database,
    private readonly origin: string,
    private readonly onNotice: () => void,
  ) {}

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.active = true;
    await this.listen();
  }

  async stop(): Promise<void> {
    this.active = false;
    clearTimeout(this.timer);
    if (this.announcement) await this.send();
    const { client } = this;
    this.client = undefined;
    // A connection that is lost has nothing left to close.
    await client?.end().catch(() => undefined);
  }

  /** Tells the others that this process owes events: in a moment, and once for all that it owes until then. */
  announce(): void {
    if (!this.active) return;
    this.announcement ??= setTimeout(() => void this.send(), ANNOUNCE_PAUSE_MS).unref();
  }

  /** What can't be told, the others find when they look by themselves. */
  private async send(): Promise<void> {
    clearTimeout(this.announcement);
    this.announcement = undefined;
    const { channel } = this.db;
    await this.db.query('SELECT pg_notify($1, $2)::text', [channel, this.origin]).catch(() => undefined);
  }

  private async listen(): Promise<void> {
    const { Client } = await loadPg();
    const client = new Client(connectionOf(this.db.pool));
    client.on('error', (error: Error) => {
      this.lost(client, error);
    });
    client.on('end', () => {
      this.lost(client, new Error('The server closed the connection.'));
    });
    client.on('notification', ({ payload }) => {
      if (payload !== this.origin) this.onNotice();
    });
    try {
      await client.connect();
      await client.query(`LISTEN "${this.db.channel}"`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.active) this.client = client;
    else await client.end();
  }

  private lost(client: Client, error: Error): void {
    if (client !== this.client) return;
    this.client = undefined;
    this.logger.warn(`The connection that hears of new events was lost and is made again: ${error.message}`);
    client.end().catch(() => undefined);
    this.retry();
  }

  private retry(): void {
    if (!this.active) return;
    this.timer = setTimeout(() => {
      this.listen().then(
        () => {
          this.pause = FIRST_PAUSE_MS;
          if (this.active) this.onNotice();
        },
        () => {
          this.retry();
        },
      );
    }, this.pause);
    this.timer.unref();
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}

/** The very object, since the pool hides the password in it from whoever copies it. */
function connectionOf({ options }: Pool): Pool['options'] {
  return options;
}
