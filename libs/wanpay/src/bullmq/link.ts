import * as bullmq from 'bullmq';
import { UnsupportedBullmqError, UnsupportedQueueError } from './errors.js';
import type { NoData, Hint } from './jobs.js';

type RedisOptions = bullmq.ConnectionOptions;
type PostgresOptions = bullmq.PostgresConnectionOptions;
type Classes<B extends bullmq.IQueueBackend, C> = Pick<bullmq.BackendClasses<B, C>, 'Queue' | 'Worker'>;

/** What is missing in some version. */
const { withBackend, PostgresQueueBackend, RedisQueueBackend }: Partial<typeof bullmq> = bullmq;
/** The first of version 5 that keeps a sweep which is asked for during another. */
const OLDEST_MINOR_OF_5 = 72;

/**
 * What is read of a host's BullMQ `Queue`: what it is called, and how it is reached. BullMQ's own types are left out, since
 * they differ between its versions.
 */
export interface HostQueue {
  readonly name: string;
  readonly opts: object;
  /** BullMQ 6 has it. */
  getBackend?(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface QueueWith<Connection> extends HostQueue {
  readonly opts: Pick<bullmq.QueueOptions, 'prefix' | 'skipVersionCheck' | 'streams' | 'telemetry'> & {
    readonly connection?: Connection;
  };
}

/** Where a job may stand that is told of; what is done is forgotten at once. */
export type JobState = 'waiting' | 'active' | 'delayed' | 'failed';

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
const PATIENT = { enableOfflineQueue: true, maxRetriesPerRequest: null };

interface QueueEnd {
  waitUntilReady(): Promise<void>;
  addBulk(jobs: Hint[]): Promise<unknown>;
  upsertJobScheduler(id: string, repeat: { every: number }, template: Hint): Promise<unknown>;
  isPaused(): Promise<boolean>;
  getJobCounts(...states: JobState[]): Promise<Record<string, number>>;
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
 * @throws UnsupportedBullmqError, UnsupportedQueueError when it is not
 */
export function prepare(host: HostQueue): void {
  assertSupported(host);
  if (!isInPostgres(host) && !isInRedis(host)) throw new UnsupportedQueueError(host.name);
  survive(host);
}

/** Begins to connect; whoever calls waits until both ends are ready before using them. */
export function openLink(host: HostQueue, options: LinkOptions): Link {
  if (isInPostgres(host)) {
    return open(host, bullmq.withBackend(bullmq.createPostgresBackend), host.opts.connection ?? {}, options);
  }
  if (!isInRedis(host)) throw new UnsupportedQueueError(host.name);
  const classes: Classes<bullmq.IQueueBackend, RedisOptions> = withBackend
    ? withBackend(bullmq.createRedisBackend)
    : bullmq;
  return open(host, classes, host.opts.connection ?? {}, options, patient);
}

/** BullMQ 5 keeps queues in Redis alone; of 6, the releases before `withBackend` can't be used. */
function assertSupported(host: HostQueue): void {
  if (host.getBackend && !withBackend) throw new UnsupportedBullmqError('a version 6 before 6.7');
  const version = host.getBackend ? undefined : versionOf(host);
  const [, major = '', minor = ''] = /(\d+)\.(\d+)\./.exec(version ?? '') ?? [];
  if (version !== undefined && (major !== '5' || Number(minor) < OLDEST_MINOR_OF_5)) {
    throw new UnsupportedBullmqError(version);
  }
}

/** BullMQ 5 notes its version in what it writes about a queue: `bullmq:5.72.0`. */
function versionOf(host: HostQueue): string | undefined {
  const values: unknown = Reflect.get(host, 'metaValues');
  const version: unknown = typeof values === 'object' && values !== null ? Reflect.get(values, 'version') : undefined;
  return typeof version === 'string' ? version : undefined;
}

function isInPostgres(host: HostQueue): host is QueueWith<PostgresOptions> {
  return PostgresQueueBackend !== undefined && host.getBackend?.() instanceof PostgresQueueBackend;
}

function isInRedis(host: HostQueue): host is QueueWith<RedisOptions> {
  if (!host.getBackend) return versionOf(host) !== undefined;
  return RedisQueueBackend !== undefined && host.getBackend() instanceof RedisQueueBackend;
}

function open<B extends bullmq.IQueueBackend, C>(
  host: QueueWith<C>,
  { Queue, Worker }: Classes<B, C>,
  connection: C,
  { concurrency, work, onJobFailed, onError }: LinkOptions,
  forWorker: (connection: C) => C = (same) => same,
): Link {
  const { prefix, skipVersionCheck, streams, telemetry } = host.opts;
  const shared = {
    ...(prefix === undefined ? {} : { prefix }),
    ...(skipVersionCheck === undefined ? {} : { skipVersionCheck }),
    ...(telemetry === undefined ? {} : { telemetry }),
  };
  const queue = new Queue<NoData, void>(host.name, { ...shared, connection, ...(streams ? { streams } : {}) });
  const worker = new Worker<NoData, void>(host.name, (job: bullmq.Job<NoData, void>) => work(job.name), {
    ...shared,
    connection: forWorker(connection),
    concurrency,
    autorun: false,
    runRetryDelay: RETRY_MS,
  });
  survive(queue);
  survive(worker);
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
function survive(end: Pick<HostQueue, 'getBackend'>): void {
  const backend = end.getBackend?.();
  if (PostgresQueueBackend === undefined || !(backend instanceof PostgresQueueBackend)) return;
  backend.connection.pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
}

/**
 * A host makes its queue give up soon, which is right for whoever waits for an answer; a worker has to wait for the server.
 * A client of the host's that gives up, as ioredis does by default, BullMQ refuses: the worker connects by itself then.
 */
function patient(connection: RedisOptions): RedisOptions {
  if (!bullmq.isRedisInstance(connection)) return { ...connection, ...PATIENT };
  return isSingleClient(connection) ? { ...connection.options, ...PATIENT } : connection;
}

/** Whether it is a client of ioredis for one server; those of a cluster and of other libraries are made otherwise. */
function isSingleClient(client: object): client is { readonly options: bullmq.RedisOptions } {
  return 'defineCommand' in client && 'options' in client && !('isCluster' in client && client.isCluster);
}
