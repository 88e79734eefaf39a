import type { QueueJobs, WorkQueue, Workers } from '../ledger/work-queue.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { reasonOf } from '../protocol/cause.js';
import { tellable } from '../protocol/errors.js';
import { type Cancel, type Clock, systemClock } from '../protocol/index.js';
import { describeSpan } from '../protocol/span.js';
import { BullmqMissingError, QueueUnavailableError } from './errors.js';
import { JobHandler } from './job-handler.js';
import { deliverEvent, FORGOTTEN, type Hint, SWEEP, SWEEP_SCHEDULE, sweepNow } from './jobs.js';
import type * as links from './link.js';
import type { HostQueue, JobState, Link } from './link.js';
import { Outage } from './outage.js';

/** How hints are carried. */
export interface BullmqSettings {
  /** Seconds from one scheduled sweep to the next, for all processes together. */
  readonly sweepEverySeconds: number;
  /** How many jobs this process works on at once. */
  readonly concurrency: number;
}

/** The code that loads the host's `bullmq` package. */
type Links = typeof links;

const SECOND_MS = 1000;
const STATES: readonly JobState[] = ['waiting', 'active', 'delayed', 'failed'];
/** How long the queue may take to accept a hint; the caller then looks into the ledger itself. */
const ANSWER_MS = 2 * SECOND_MS;
/** Clients keep commands for a server that is away, so there is a limit to what they may keep. */
const MOST_UNANSWERED = 1000;
/** How long a worker that had trouble fetches no jobs: BullMQ itself would try again at once, and for ever. */
const BREATHER_MS = SECOND_MS;
const RECONNECT_MS = 5 * SECOND_MS;
/** How long the jobs at hand may take when the process is to end. */
const CLOSING_MS = 10 * SECOND_MS;

/** Carries hints between processes as jobs of a BullMQ queue. */
export class BullmqWorkQueue implements WorkQueue {
  private readonly logger = new StructuredLogger('WanPayQueue');
  private readonly outage: Outage;
  /** Private also at run time: the options of queues hold the password of their server. */
  readonly #host: HostQueue;
  readonly #links: Promise<Links>;
  #link: Link | undefined;
  private isReady = false;
  private isStopped = false;
  private unanswered = 0;
  private cancelReconnect: Cancel = () => undefined;
  private cancelBreather: Cancel = () => undefined;
  private cancelUpkeep: Cancel = () => undefined;

  constructor(
    host: HostQueue,
    private readonly settings: BullmqSettings,
    private readonly clock: Clock = systemClock,
  ) {
    this.#host = host;
    this.#links = linksTo(host);
    // `prepare` reports it.
    void this.#links.catch(() => undefined);
    this.outage = new Outage(host.name, this.logger, clock);
    // BullMQ prints each error that nobody listens to.
    host.on('error', (error) => {
      if (!this.isStopped) this.outage.begin(error);
    });
  }

  /** @throws BullmqMissingError, UnsupportedBullmqError, UnsupportedQueueError */
  async prepare(): Promise<void> {
    await this.#links;
  }

  /** Connects in the background, because the host can work without the queue. */
  start(workers: Workers): Promise<void> {
    void this.connect(new JobHandler(this.#host.name, workers, this.logger));
    return Promise.resolve();
  }

  /** Fetches no more jobs and waits for those at hand, but not for ever. The host's own queue is the host's to close. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.isReady = false;
    this.cancelReconnect();
    this.cancelBreather();
    this.cancelUpkeep();
    if (this.#link) await this.close(this.#link);
  }

  async eventsRecorded(eventIds: readonly string[]): Promise<void> {
    await this.add(eventIds.map(deliverEvent));
  }

  async checkDue(): Promise<void> {
    await this.add([sweepNow()]);
  }

  async jobs(): Promise<QueueJobs> {
    const link = this.#link;
    if (!link || !this.isReady) throw new QueueUnavailableError('The queue is not connected.');
    const counting = link.queue.getJobCounts(...STATES);
    await this.within(ANSWER_MS, counting);
    return counting;
  }

  private async connect(handler: JobHandler): Promise<void> {
    try {
      const link = await this.open(handler);
      if (!link) return;
      this.#link = link;
      await Promise.all([link.queue.waitUntilReady(), link.worker.waitUntilReady()]);
      if (this.isStopped) return;
      this.isReady = true;
      this.outage.end();
      void link.worker.run().catch(this.onError);
      void this.keepSchedule();
    } catch (error) {
      this.reconnectLater(handler, error);
    }
  }

  /** With new ends: BullMQ does not ask a second time whether its PostgreSQL is ready. */
  private reconnectLater(handler: JobHandler, error: unknown): void {
    if (this.isStopped) return;
    this.outage.begin(error);
    if (this.#link) void this.close(this.#link);
    this.#link = undefined;
    this.cancelReconnect = this.clock.after(RECONNECT_MS, () => void this.connect(handler));
  }

  private async open(handler: JobHandler): Promise<Link | undefined> {
    const { openLink } = await this.#links;
    if (this.isStopped) return undefined;
    return openLink(this.#host, {
      concurrency: this.settings.concurrency,
      work: (jobName) => handler.handle(jobName),
      onJobFailed: (jobName, error) => {
        const fields = { queue: this.#host.name, job: jobName };
        this.logger.error('queue_job_failed', `Job ${jobName} failed: ${reasonOf(error)}`, fields);
      },
      onError: this.onError,
    });
  }

  private readonly onError = (error: unknown): void => {
    if (this.isStopped) return;
    this.outage.begin(error);
    const link = this.#link;
    if (!this.isReady || !link) return;
    void link.worker.pause(true).catch(() => undefined);
    this.cancelBreather();
    this.cancelBreather = this.clock.after(BREATHER_MS, () => void link.worker.resume().catch(this.onError));
  };

  /** One schedule whoever sets it, and set again now and then, since a queue that was wiped has forgotten. */
  private async keepSchedule(): Promise<void> {
    const every = this.settings.sweepEverySeconds * SECOND_MS;
    await this.tell((link) =>
      link.queue.upsertJobScheduler(SWEEP_SCHEDULE, { every }, { name: SWEEP, data: {}, opts: FORGOTTEN }),
    ).catch(() => undefined);
    if (this.isStopped) return;
    this.cancelUpkeep = this.clock.after(every, () => void this.keepSchedule());
  }

  private add(jobs: Hint[]): Promise<void> {
    return this.tell((link) => link.queue.addBulk(jobs));
  }

  /** Never waits for long, and while the queue is out only one at a time finds out whether it still is. */
  private async tell(what: (link: Link) => Promise<unknown>): Promise<void> {
    const link = this.#link;
    if (!link || !this.isReady) throw new QueueUnavailableError('The queue is not connected.');
    if (this.unanswered >= (this.outage.isOn ? 1 : MOST_UNANSWERED)) {
      throw new QueueUnavailableError('The queue has not answered those who asked before.');
    }
    this.unanswered += 1;
    const answer = what(link).finally(() => {
      this.unanswered -= 1;
    });
    try {
      await this.within(ANSWER_MS, answer);
      this.outage.end();
    } catch (error) {
      this.outage.begin(error);
      throw tellable(error);
    }
  }

  private async close(link: Link): Promise<void> {
    const { queue, worker } = link;
    try {
      await this.within(ANSWER_MS, queue.isPaused());
      await this.within(CLOSING_MS, Promise.all([worker.close(), queue.close()]));
    } catch {
      abandon(link);
    }
  }

  private async within(limit: number, answer: Promise<unknown>): Promise<void> {
    let cancel: Cancel = () => undefined;
    const tooLate = new Promise<never>((_, reject) => {
      cancel = this.clock.after(limit, () => {
        reject(new QueueUnavailableError(`The queue did not answer within ${describeSpan(limit)}.`));
      });
    });
    await Promise.race([answer, tooLate]).finally(cancel);
  }
}

/**
 * For a server that is away: there BullMQ's orderly way would wait for ever, with its timers running. `close()` ends a client that
 * was never connected, which would go on trying and keep the process alive; `disconnect()` ends one that was.
 */
function abandon({ queue, worker }: Link): void {
  void Promise.allSettled([worker.close(true), worker.disconnect(), queue.close(), queue.disconnect()]);
}

/** Loads the optional peer, only for a host that has a queue, and checks the queue before its first use. */
async function linksTo(host: HostQueue): Promise<Links> {
  const loaded = await import('./link.js').catch((error: unknown) => {
    throw new BullmqMissingError(error);
  });
  loaded.prepare(host);
  return loaded;
}
