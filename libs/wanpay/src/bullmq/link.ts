import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  isRedisInstance,
  type Job,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  type QueueOptions,
  RedisQueueBackend,
  withBackend,
} from 'bullmq';
import { UnsupportedQueueError } from './errors.js';
import type { NoData, Hint } from './jobs.js';

/** What is read of a host's BullMQ `Queue`: what it is called, and how it is reached. */
export interface HostQueue<Connection = ConnectionOptions | PostgresConnectionOptions> {
  readonly name: string;
  readonly opts: Pick<QueueOptions, 'prefix' | 'skipVersionCheck' | 'streams' | 'telemetry'> & {
    readonly connection?: Connection;
  };
  getBackend(): IQueueBackend;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** How to work on jobs. */
export interface LinkOptions {
  /** How many jobs are worked on at once. */
  readonly concurrency: number;
  /** What to do about a job. */
  readonly work: (jobName: string) => Promise<void>;
  /** A job's work failed. */
  readonly onJobFailed: (jobName: string, error: Error) => void;
  /** The queue or its worker has trouble. */
  readonly onError: (error: Error) => void;
}

/** How soon a worker whose connection failed tries again; left to itself, BullMQ waits for 15 seconds. */
const RETRY_MS = 1000;

interface QueueEnd {
  waitUntilReady(): Promise<void>;
  addBulk(jobs: Hint[]): Promise<unknown>;
  upsertJobScheduler(id: string, repeat: { every: number }, template: Hint): Promise<unknown>;
  isPaused(): Promise<boolean>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

interface WorkerEnd {
  waitUntilReady(): Promise<void>;
  run(): Promise<void>;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
  close(force?: boolean): Promise<void>;
  disconnect(): Promise<void>;
}

/**
 * A queue and a worker of our own on connections of their own, reached the way that the host's queue is.
 *
 * The host's queue itself would not do: its default job options are meant for its own jobs, and one whose PostgreSQL was
 * away when it was made fails for as long as the process lives (BullMQ keeps the first failure).
 */
export interface Link {
  readonly queue: QueueEnd;
  readonly worker: WorkerEnd;
}

/**
 * Makes sure that a queue is one that {@link openLink} can open, and that its failures end no process.
 *
 * @throws UnsupportedQueueError when it is not
 */
export function prepare(host: HostQueue): void {
  if (!isInPostgres(host) && !isInRedis(host)) throw new UnsupportedQueueError(host.name);
  survive(host.getBackend());
}

/** Begins to connect; whoever calls waits until both ends are ready before using them. */
export function openLink(host: HostQueue, options: LinkOptions): Link {
  if (isInPostgres(host)) return open(host, createPostgresBackend, host.opts.connection ?? {}, options);
  if (isInRedis(host)) return open(host, createRedisBackend, host.opts.connection ?? {}, options, patient);
  throw new UnsupportedQueueError(host.name);
}

function isInPostgres(host: HostQueue): host is HostQueue<PostgresConnectionOptions> {
  return host.getBackend() instanceof PostgresQueueBackend;
}

function isInRedis(host: HostQueue): host is HostQueue<ConnectionOptions> {
  return host.getBackend() instanceof RedisQueueBackend;
}

function open<B extends IQueueBackend, C>(
  host: HostQueue,
  factory: BackendFactory<B, C>,
  connection: C,
  { concurrency, work, onJobFailed, onError }: LinkOptions,
  forWorker: (connection: C) => C = (same) => same,
): Link {
  const { Queue, Worker } = withBackend(factory);
  const { prefix, skipVersionCheck, streams, telemetry } = host.opts;
  const shared = {
    ...(prefix === undefined ? {} : { prefix }),
    ...(skipVersionCheck === undefined ? {} : { skipVersionCheck }),
    ...(telemetry === undefined ? {} : { telemetry }),
  };
  const queue = new Queue<NoData, void>(host.name, { ...shared, connection, ...(streams ? { streams } : {}) });
  const worker = new Worker<NoData, void>(host.name, (job: Job<NoData, void>) => work(job.name), {
    ...shared,
    connection: forWorker(connection),
    concurrency,
    autorun: false,
    runRetryDelay: RETRY_MS,
  });
  survive(queue.getBackend());
  survive(worker.getBackend());
  queue.on('error', onError);
  worker.on('error', onError);
  worker.on('failed', (job, error) => {
    onJobFailed(job?.name ?? 'unknown', error);
  });
  return { queue, worker };
}

/**
 * While BullMQ looks at its tables it holds a connection that nobody listens to for errors, and one that is lost just then
 * would end the process. The pool, and whoever waits for the answer, are told of the error in any case.
 */
function survive(backend: IQueueBackend): void {
  if (!(backend instanceof PostgresQueueBackend)) return;
  backend.connection.pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
}

/** A host makes its queue give up soon, which is right for whoever waits for an answer; a worker has to wait for the server. */
function patient(connection: ConnectionOptions): ConnectionOptions {
  return isRedisInstance(connection)
    ? connection
    : { ...connection, enableOfflineQueue: true, maxRetriesPerRequest: null };
}
