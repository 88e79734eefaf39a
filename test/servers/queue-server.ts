import {
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type PostgresConnectionOptions,
  type Queue,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { PostgresServer } from './postgres.js';
import { RedisServer } from './redis.js';

const DEADLOCK_DETECTED = '40P01';

/** A queue in either server, as far as tests use it. */
export interface AnyQueue extends Pick<
  Queue,
  'name' | 'add' | 'pause' | 'resume' | 'close' | 'getJobCounts' | 'getJobSchedulers' | 'removeJobScheduler'
> {
  readonly opts: { readonly connection: ConnectionOptions | PostgresConnectionOptions };
  getBackend(): IQueueBackend;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** A server that BullMQ can keep its queues in, and the ways to lose it. */
export interface QueueServer {
  /** BullMQ's `connection`. */
  readonly connection: ConnectionOptions;
  /** A queue as a host would have it. */
  openQueue(name: string): AnyQueue;
  /** Ends the server as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with what it had on its disk. */
  restart(): Promise<void>;
  /** Removes all that it holds. */
  wipe(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts one of either kind. */
export const QUEUE_SERVERS = { Redis: startRedis, PostgreSQL: startPostgres } as const;

async function startRedis(): Promise<QueueServer> {
  const server = await RedisServer.start();
  const connection = { ...server.connection };
  return {
    connection,
    openQueue: (name) => new (withBackend(createRedisBackend).Queue)(name, { connection }),
    kill: () => server.kill(),
    restart: () => server.restart(),
    wipe: async () => {
      const client = new Redis(connection);
      await client.flushall();
      client.disconnect();
    },
    stop: () => server.stop(),
  };
}

/** Apart from any ledger's server, so that the one can be lost without the other. */
async function startPostgres(): Promise<QueueServer> {
  const server = await PostgresServer.start({ fsync: false });
  const connection = { connectionString: server.connectionString, migrate: true };
  return {
    connection,
    openQueue: (name) => new (withBackend(createPostgresBackend).Queue)(name, { connection }),
    kill: () => server.kill(),
    restart: () => server.restart(),
    wipe: () => wipePostgres(server.connectionString),
    stop: () => server.stop(),
  };
}

/** The hosts that are at work can have locked in another order: whoever PostgreSQL then chooses begins anew, as they do. */
async function wipePostgres(connectionString: string): Promise<void> {
  const tables = ['job', 'scheduler', 'dedup', 'dedup_next', 'event'].map((name) => `bullmq.${name}`).join(', ');
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (;;) {
      try {
        await client.query(`TRUNCATE ${tables} CASCADE`);
        return;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError && error.code === DEADLOCK_DETECTED)) throw error;
      }
    }
  } finally {
    await client.end();
  }
}
