import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PostgresServer } from '../../../../test/servers/postgres.js';
import { type AnyQueue, QUEUE_SERVERS, type QueueServer } from '../../../../test/servers/queue-server.js';
import { createDatabase } from '../../../../test/servers/shared-postgres.js';
import { createPostgresBackend, Queue, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { type Clock, systemClock } from '../protocol/index.js';
import { BullmqWorkQueue } from './bullmq-work-queue.js';

const NEVER_AGAIN = 3600;
/** Four times as often as a host may ask for, so that nobody waits for whole seconds. */
const OFTEN = 0.25;
const DEADLINE_MS = 20_000;
const closing: (() => Promise<unknown>)[] = [];
const logged: string[] = [];

/** A process: what its queue told it to do. */
class Process {
  readonly queue: BullmqWorkQueue;
  delivers = 0;
  sweeps = 0;
  /** What a sweep comes to. */
  sweep: () => Promise<unknown> = () => Promise.resolve();

  constructor(
    private readonly host: AnyQueue,
    sweepEverySeconds = NEVER_AGAIN,
    clock: Clock = systemClock,
  ) {
    this.queue = new BullmqWorkQueue(host, { sweepEverySeconds, concurrency: 3 }, clock);
    closing.push(() => this.queue.stop());
  }

  async start(): Promise<this> {
    await this.queue.start({
      deliver: () => {
        this.delivers += 1;
      },
      sweep: () => {
        this.sweeps += 1;
        return this.sweep();
      },
    });
    return this;
  }

  /** Starts, and waits until word can be given and the first sweep of the schedule is in the queue, or was there. */
  async ready(): Promise<this> {
    await this.start();
    await until('it is connected', () => this.accepts());
    await until('there is a schedule', async () => (await this.host.getJobSchedulers()).length === 1);
    return this;
  }

  /** Is told of an event that is owed, sooner or later. */
  async hears(): Promise<void> {
    const before = this.delivers;
    await this.queue.eventsRecorded([`evt_${randomUUID()}`]);
    await until('it is told of an event', () => this.delivers > before);
  }

  /** Whether word can be given. */
  async accepts(): Promise<boolean> {
    return this.queue.eventsRecorded(['evt_probe']).then(
      () => true,
      () => false,
    );
  }
}

/** A promise that the test settles. */
function later(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Timed out waiting until ${what}. ${logged.join('\n')}`);
    await pause(5);
  }
}

/** How many timers keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

/** How many connections keep it alive, and attempts at one. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|TCPConnect|GetAddrInfo)/.test(kind)).length;
}

function lines(pattern: RegExp): number {
  return logged.filter((line) => pattern.test(line)).length;
}

beforeEach(() => {
  logged.length = 0;
  for (const level of ['log', 'warn', 'error'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation((message: unknown) => {
      logged.push(`${level} ${String(message)}`);
    });
  }
});
afterEach(async () => {
  for (let close = closing.pop(); close; close = closing.pop()) await close();
  jest.restoreAllMocks();
});

describe.each(Object.entries(QUEUE_SERVERS))('Word carried over BullMQ in %s', (name, startServer) => {
  let server: QueueServer;
  let host: AnyQueue;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    host = open();
  });

  function open(name = `wanpay-${randomUUID()}`): AnyQueue {
    const queue = server.openQueue(name);
    closing.push(() => queue.close());
    return queue;
  }

  /** Waits until no job is left, such as the sweep that a schedule begins with. */
  async function idle(): Promise<void> {
    await until('no job is left', async () => {
      const { waiting = 0, active = 0, completed = 0, failed = 0 } = await host.getJobCounts();
      return waiting + active + completed + failed === 0;
    });
  }

  if (name === 'Redis') {
    it('works with a client of ioredis that the host shares, though it gives up after some retries', async () => {
      const { host: address, port } = server.connection as { readonly host: string; readonly port: number };
      const client = new Redis(port, address);
      const queue = new Queue(`wanpay-${randomUUID()}`, { connection: client });
      const process = await new Process(queue).ready();
      await process.hears();
      await process.queue.stop();
      expect(await client.ping()).toBe('PONG');
      await queue.close();
      client.disconnect();
      expect(logged.filter((line) => line.startsWith('error'))).toEqual([]);
    });
  }

  it('tells one process of each event that is owed, and keeps nothing of it', async () => {
    const first = await new Process(host).ready();
    const second = await new Process(host).ready();
    await idle();
    const delivers = (): number => first.delivers + second.delivers;
    const before = delivers();
    const ids = Array.from({ length: 50 }, (_, i) => `evt_${i}`);
    await first.queue.eventsRecorded(ids);
    await until('all are told', () => delivers() - before >= ids.length);
    await idle();
    expect(delivers() - before).toBe(ids.length);
  });

  it('tells once of an event that was owed many times meanwhile, and once more when it is owed again', async () => {
    const process = await new Process(host).ready();
    await idle();
    const before = process.delivers;
    await host.pause();
    for (let i = 0; i < 3; i += 1) await process.queue.eventsRecorded(['evt_1']);
    await host.resume();
    await until('it is told', () => process.delivers > before);
    await idle();
    expect(process.delivers).toBe(before + 1);
    await process.queue.eventsRecorded(['evt_1']);
    await until('it is told again', () => process.delivers === before + 2);
  });

  it('has one schedule of sweeps for all processes', async () => {
    const started = performance.now();
    const processes = await Promise.all([1, 2, 3].map(() => new Process(host, OFTEN).ready()));
    const sweeps = (): number => processes.reduce((sum, process) => sum + process.sweeps, 0);
    await until('it was swept some times', () => sweeps() >= 4);
    const periods = (performance.now() - started) / (OFTEN * 1000);
    // The first one comes at once, the next with the next whole period.
    expect(sweeps()).toBeLessThanOrEqual(Math.ceil(periods) + 1);
    expect(await host.getJobSchedulers()).toEqual([expect.objectContaining({ every: OFTEN * 1000, name: 'sweep' })]);
  });

  it('tells one process of a check that is due, and once more of those that become due while it sweeps', async () => {
    const process = await new Process(host).ready();
    await idle();
    const before = process.sweeps;
    const sweep = later();
    process.sweep = () => sweep.promise;
    await process.queue.checkDue();
    await until('it sweeps', () => process.sweeps === before + 1);
    for (let i = 0; i < 5; i += 1) await process.queue.checkDue();
    expect(await process.queue.jobs()).toMatchObject({ active: 1, failed: 0 });
    sweep.resolve();
    await until('it sweeps again', () => process.sweeps === before + 2);
    await idle();
    expect(process.sweeps).toBe(before + 2);
  });

  it('does not let scheduled sweeps pile up behind a long one, nor keep word of events', async () => {
    const sweep = later();
    const process = new Process(host, OFTEN);
    process.sweep = () => sweep.promise;
    await process.ready();
    let highest = 0;
    const until3Scheduled = performance.now() + 3.5 * OFTEN * 1000;
    await until('more sweeps were due than it works on jobs', async () => {
      const { active = 0, waiting = 0 } = await host.getJobCounts();
      highest = Math.max(highest, active + waiting);
      return performance.now() > until3Scheduled;
    });
    expect(process.sweeps).toBe(1);
    expect(highest).toBeLessThanOrEqual(2);
    await process.hears();
    sweep.resolve();
  });

  it('says that a sweep failed, and goes on', async () => {
    const process = await new Process(host).ready();
    await idle();
    process.sweep = () => Promise.reject(new Error('no ledger'));
    await process.queue.checkDue();
    await until('it is said', () => lines(/error Job sweep failed: no ledger/) === 1);
    await idle();
    const before = process.sweeps;
    await process.queue.checkDue();
    await until('it sweeps again', () => process.sweeps > before);
  });

  it('does nothing about jobs of a newer release, and says so once', async () => {
    await new Process(host).ready();
    await idle();
    await host.add('polish', { shine: 1 }, { removeOnComplete: true });
    await host.add('polish', {}, { removeOnComplete: true });
    await idle();
    expect(lines(/warn Nothing was done about job "polish"/)).toBe(1);
  });

  it('schedules sweeps anew when the queue was wiped', async () => {
    const process = await new Process(host, OFTEN).ready();
    await server.wipe();
    const before = process.sweeps;
    await until('there is a schedule again', async () => (await host.getJobSchedulers()).length === 1);
    await until('it sweeps', () => process.sweeps > before + 1);
    await process.hears();
  });

  it('waits for the job at hand when it stops, and leaves the queue to the host', async () => {
    const process = await new Process(host).ready();
    await idle();
    const sweep = later();
    process.sweep = () => sweep.promise;
    const before = process.sweeps;
    await process.queue.checkDue();
    await until('it sweeps', () => process.sweeps === before + 1);
    const stopped = process.queue.stop();
    const first = await Promise.race([stopped.then(() => 'stopped'), pause(200, 'swept')]);
    sweep.resolve();
    await stopped;
    expect(first).toBe('swept');
    await idle();
    await host.add('anything', {});
    expect((await host.getJobCounts()).waiting).toBe(1);
  });

  it('keeps nobody waiting while its server is gone, says so once, and works when it is back', async () => {
    const process = await new Process(host, OFTEN, quickClock(4)).ready();
    await idle();
    await server.kill();
    const started = performance.now();
    for (let i = 0; i < 200; i += 1) {
      await expect(process.queue.eventsRecorded([`evt_${i}`])).rejects.toThrow();
    }
    await expect(process.queue.checkDue()).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(2000);
    expect(lines(/warn Queue .* fails/)).toBe(1);

    await server.restart();
    await until('word can be given', () => process.accepts());
    const { sweeps } = process;
    await process.hears();
    await until('it is told to sweep', () => process.sweeps > sweeps);
    expect(lines(/log Queue .* works again/)).toBe(1);
    expect(lines(/warn Queue .* fails/)).toBe(1);
  });

  it('stops in time while its server is gone, and leaves nothing running', async () => {
    const timersBefore = timers();
    const word = await new Process(host, NEVER_AGAIN, quickClock(4)).ready();
    await idle();
    // BullMQ keeps a timer for as long as its worker waits for the next job, and that is never long here.
    await host.add('polish', {}, { delay: 1000, removeOnComplete: true });
    await server.kill();
    const started = performance.now();
    await word.queue.stop();
    expect(performance.now() - started).toBeLessThan(2000);
    await server.restart();
    await until('nothing of it runs', () => timers() <= timersBefore);
  });

  it('stops though its server was never there, and leaves nothing running', async () => {
    await host.close();
    await server.kill();
    const before = timers() + sockets();
    const queue = open('never');
    const word = await new Process(queue, NEVER_AGAIN, quickClock(10)).start();
    await until('it was said', () => lines(/warn Queue .* fails/) === 1);
    await Promise.all([word.queue.stop(), queue.close().catch(() => undefined)]);
    await until('nothing of it runs', () => timers() + sockets() <= before);
    await server.restart();
  });

  it('starts without its server, and works once that is there', async () => {
    await host.close();
    await server.kill();
    const process = await new Process(open('late'), NEVER_AGAIN, quickClock(10)).start();
    await expect(process.queue.eventsRecorded(['evt_1'])).rejects.toThrow();
    await until('it was said', () => lines(/warn Queue .* fails/) === 1);
    await server.restart();
    await until('word can be given', () => process.accepts());
    await process.hears();
  });
});

describe('Word carried over BullMQ in PostgreSQL without its tables', () => {
  it('leaves the process alive, and says what is missing', async () => {
    const { Queue } = withBackend(createPostgresBackend);
    const host = new Queue('wanpay', { connection: await createDatabase() });
    closing.push(() => host.close());
    const process = await new Process(host, NEVER_AGAIN, quickClock(10)).start();
    await until('it was said', () => lines(/warn Queue "wanpay" fails.*migrat/i) === 1);
    await expect(process.queue.eventsRecorded(['evt_1'])).rejects.toThrow();
  });
});

describe('A queue in PostgreSQL', () => {
  it('does not end the process when a connection is lost that BullMQ holds', async () => {
    const server = await PostgresServer.start();
    closing.push(() => server.stop());
    const { Queue } = withBackend(createPostgresBackend);
    const host = new Queue('wanpay', { connection: { connectionString: server.connectionString, migrate: true } });
    closing.push(() => host.close());
    new Process(host);
    const held = await host.getBackend().connection.pool.connect();
    const lost = new Promise<void>((resolve) => held.on('end', resolve));
    await server.kill();
    await lost;
    held.release(true);
  });
});

/** The machine's clock with shorter waits. */
function quickClock(factor: number): Clock {
  return { now: () => systemClock.now(), after: (delay, task) => systemClock.after(delay / factor, task) };
}
