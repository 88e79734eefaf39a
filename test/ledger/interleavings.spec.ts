import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type DeliveryAttempt,
  type DueCheck,
  type Ledger,
  MemoryLedger,
  type NextCheck,
  type OwedEvent,
  type Report,
  type Settled,
} from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { createDatabase } from '../servers/shared-postgres.js';
import { play, script, type World } from './interleavings-run.js';

describe('whatever happens at once and whoever crashes, nothing is lost or owed twice', () => {
  it('in memory', () => fc.assert(property(inMemory(() => new MemoryLedger())), { numRuns: 200 }), 30_000);

  describe('in SQLite', () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
    });

    afterAll(() => rm(folder, { recursive: true }));

    it('whose process is followed by another', async () => {
      let files = 0;
      const start = (): Promise<Processes> => {
        const file = join(folder, `${(files += 1)}.db`);
        return Processes.start(1, true, () => sqlite({ file }));
      };
      await fc.assert(property(start), { numRuns: 40 });
    }, 60_000);
  });

  describe('in PostgreSQL', () => {
    it('which two processes share', async () => {
      const connectionString = await createDatabase();
      let schemas = 0;
      const start = (): Promise<Processes> => {
        const schema = `run_${(schemas += 1)}`;
        return Processes.start(2, false, () => postgres({ connectionString, schema }));
      };
      await fc.assert(property(start), { numRuns: 25 });
    }, 60_000);
  });
});

describe('the property fails for a ledger that', () => {
  it.each([
    ['forgets what was reported', () => new Forgetting()],
    ['gives up at the first failure', () => new GivingUp()],
    ['hands out an event twice', () => new Doubling()],
    ['keeps what is done', () => new Repeating()],
    ['hands out a check twice', () => new Asking()],
    ['schedules for whoever comes too late', () => new Overriding()],
    ['believes what is to be confirmed', () => new Believing()],
  ])('%s', async (_, make) => {
    const { failed } = await fc.check(property(inMemory(make)), { numRuns: 200, endOnFailure: true });
    expect(failed).toBe(true);
  });
});

/** A world that can be left. */
type Opened = World & { close(): Promise<void> };

function property(open: () => Promise<Opened>): fc.IAsyncProperty<[Parameters<typeof play>[1]]> {
  return fc.asyncProperty(script, async (steps) => {
    const world = await open();
    try {
      await play(world, steps);
    } finally {
      await world.close();
    }
  });
}

function inMemory(make: () => MemoryLedger): () => Promise<Opened> {
  return () => Promise.resolve({ ledgers: [make()], crashFrees: false, close: () => Promise.resolve() });
}

class Processes implements World {
  readonly ledgers: Ledger[] = [];

  private constructor(
    readonly crashFrees: boolean,
    private readonly make: () => Ledger,
  ) {}

  static async start(count: number, crashFrees: boolean, make: () => Ledger): Promise<Processes> {
    const processes = new Processes(crashFrees, make);
    for (let i = 0; i < count; i += 1) await processes.launch(i);
    return processes;
  }

  readonly crash = async (process: number): Promise<void> => {
    await this.ledgers[process]?.stop();
    await this.launch(process);
  };

  async close(): Promise<void> {
    await Promise.all(this.ledgers.map((ledger) => ledger.stop()));
  }

  private async launch(process: number): Promise<void> {
    const ledger = this.make();
    await ledger.start();
    this.ledgers[process] = ledger;
  }
}

class Forgetting extends MemoryLedger {
  override settle(report: Report): Promise<Settled> {
    return report.source === 'query' ? Promise.resolve({ events: [], unconfirmed: false }) : super.settle(report);
  }
}

class GivingUp extends MemoryLedger {
  override recordAttempt(owed: OwedEvent, { handled, now }: DeliveryAttempt): Promise<boolean> {
    return super.recordAttempt(owed, { handled, now });
  }
}

class Doubling extends MemoryLedger {
  override async claim(now: Date, leaseUntil: Date, limit: number): Promise<OwedEvent[]> {
    const claimed = await super.claim(now, leaseUntil, limit);
    return [...claimed, ...claimed];
  }
}

class Repeating extends MemoryLedger {
  override async recordAttempt(owed: OwedEvent, attempt: DeliveryAttempt): Promise<boolean> {
    if (!attempt.failure) await super.release(owed);
    return attempt.failure ? super.recordAttempt(owed, attempt) : true;
  }
}

class Asking extends MemoryLedger {
  override async claimChecks(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): Promise<DueCheck[]> {
    const claimed = await super.claimChecks(now, leaseUntil, limit, merchantNo);
    for (const { payment } of claimed) await this.requestCheck(payment, now);
    return claimed;
  }
}

class Overriding extends MemoryLedger {
  override async scheduleCheck(check: DueCheck, next: NextCheck): Promise<boolean> {
    const at = await this.nextCheckDue(check.payment.merchantNo);
    return super.scheduleCheck(at ? { ...check, leaseUntil: at } : check, next);
  }
}

class Believing extends MemoryLedger {
  override settle(report: Report): Promise<Settled> {
    return super.settle({ ...report, mustConfirm: false });
  }
}
