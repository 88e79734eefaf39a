import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { StructuredLogger } from '../../../logging/structured-logger.js';
import { reasonOf } from '../../../protocol/cause.js';
import { ignore } from '../ignore.js';
import { Polling } from '../polling.js';
import type { Database } from './database.js';
import { loadPg } from './pool.js';

const CHANNEL = 'wanpay_deliveries';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A notice costs the server a commit of its own; within the commit of each settlement it would make that a third dearer. */
const ANNOUNCE_PAUSE_MS = 50;
/** How long this process's own notice may take before it counts as lost. */
const HEARING_MS = 2000;

/**
 * Notifies other processes that deliveries were recorded, and hears of theirs, on a connection of its own: one of the pool's
 * would be missing there, and keep the host from closing its pool.
 *
 * While the connection is lost, notices are too, and deliveries wait for the next look that is taken without one. Behind a
 * pooler that gives connections away after each transaction, no notice arrives at all; then it looks every second.
 */
export class PostgresListener {
  private readonly logger = new StructuredLogger('WanPayPostgres');
  private client: Client | undefined;
  private announcement: NodeJS.Timeout | undefined;
  /** Fires when no notice arrives. */
  private deafness: NodeJS.Timeout | undefined;
  private readonly polling = new Polling();
  private active = false;
  /** Names this process, which ignores its own notices. */
  private readonly origin = randomUUID();

  /** @param onNotice called for each notice, and when some may have been missed */
  constructor(
    private readonly db: Database,
    private readonly onNotice: () => void,
    /** The server's own address, where the pool has a pooler's. */
    private readonly address?: string,
  ) {}

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.active = true;
    await this.listen();
  }

  async stop(): Promise<void> {
    this.active = false;
    this.pollNoMore();
    if (this.announcement) await this.send();
    const { client } = this;
    this.client = undefined;
    // A connection that is lost has nothing left to close.
    await client?.end().catch(ignore);
  }

  /** Notifies the others that deliveries were recorded: in a moment, and once for all that are recorded until then. */
  readonly announce = (): void => {
    if (!this.active) return;
    this.announcement ??= setTimeout(() => void this.send(), ANNOUNCE_PAUSE_MS).unref();
  };

  /** What can't be sent, the others find when they look by themselves. */
  private async send(): Promise<void> {
    clearTimeout(this.announcement);
    this.announcement = undefined;
    await this.db.query('SELECT pg_notify($1, $2)', [`${this.db.schema}_${CHANNEL}`, this.origin]).catch(ignore);
  }

  private async listen(): Promise<void> {
    const { Client } = await loadPg();
    // The pool's very options, since it hides the password in them from whoever copies them.
    const client = new Client(this.address === undefined ? this.db.pool.options : { connectionString: this.address });
    client.on('error', (error: Error) => void this.lost(client, reasonOf(error)));
    client.on('end', () => void this.lost(client, 'the server closed it.'));
    client.on('notification', ({ channel, payload }) => {
      if (channel === this.origin) clearTimeout(this.deafness);
      else if (payload !== this.origin) this.onNotice();
    });
    try {
      await client.connect();
      await client.query(`LISTEN "${this.db.schema}_${CHANNEL}"; LISTEN "${this.origin}"`);
    } catch (error) {
      await client.end().catch(ignore);
      throw error;
    }
    if (!this.active) return client.end();
    this.client = client;
    this.pollNoMore();
    this.deafness = setTimeout(() => {
      this.poll();
    }, HEARING_MS).unref();
    // From another connection, as notices come. What is lost here is lost with them.
    void this.db.query(`SELECT pg_notify($1, '')`, [this.origin]).catch(ignore);
  }

  private poll(): void {
    this.logger.warn(
      'database_notices_missing',
      'No notice of new deliveries arrives, so the ledger is looked at every second. A pooler in transaction mode, such as PgBouncer, \
loses them: give postgres() the address of the server itself as listenConnectionString.',
    );
    this.polling.start(this.onNotice);
  }

  private pollNoMore(): void {
    clearTimeout(this.deafness);
    this.polling.stop();
  }

  private async lost(client: Client, reason: string): Promise<void> {
    if (client !== this.client) return;
    this.client = undefined;
    const text = `The connection that hears of new deliveries was lost and is made again: ${reason}`;
    this.logger.warn('database_connection_lost', text);
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
