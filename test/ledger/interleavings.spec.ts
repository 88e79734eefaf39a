import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Ledger } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { FAULTS, type Kind, SOUND } from './interleavings-faults.js';
import { play, type World } from './interleavings-run.js';
import { type Script, script } from './interleavings-script.js';
import { emptyTables } from './ledger-fixture.js';
import { MysqlFixture } from './mysql-fixture.js';
import { PostgresFixture } from './postgres-fixture.js';

const open = { order: 'A1', operation: { kind: 'open', checkIn: undefined }, by: 0 } as const;
const request = { order: 'A1', operation: { kind: 'request' }, by: 0 } as const;
/** A check is asked for before there is an order, and after it; only a later request shows which of them counted. */
const ASKED_TOO_EARLY: Script = {
  roles: [0, 0, 0],
  steps: [
    { kind: 'burst', all: [open, request, { ...request, by: 1 }], beside: { kind: 'nothing' }, places: 0 },
    { kind: 'wait', seconds: 1 },
    { kind: 'check', by: [0], limit: 1 },
    { kind: 'burst', all: [request], beside: { kind: 'nothing' }, places: 0 },
  ],
};

describe('whatever happens at once and whoever crashes, nothing is lost or delivered twice', () => {
  it('in memory that three processes share', async () => {
    await fc.assert(property(inMemory(SOUND)), { numRuns: 300, examples: [[ASKED_TOO_EARLY]] });
  }, 30_000);

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
        return Processes.start(1, true, () => new Ledger(sqlite({ file })));
      };
      await fc.assert(property(start), { numRuns: 40 });
    }, 60_000);
  });

  describe('in PostgreSQL', () => {
    it('which two processes share', async () => {
      const fixture = await PostgresFixture.open();
      const start = async (): Promise<Processes> => {
        await emptyTables((sql) => fixture.rows(sql), 'wanpay.');
        return Processes.start(2, false, () => new Ledger(postgres({ pool: fixture.pool })));
      };
      await fc.assert(property(start), { numRuns: 25 });
      await fixture.close();
    }, 60_000);
  });

  describe('in MariaDB', () => {
    it('which two processes share', async () => {
      const fixture = await MysqlFixture.open();
      const start = async (): Promise<Processes> => {
        await emptyTables((sql) => fixture.rows(sql));
        return Processes.start(2, false, () => new Ledger(mysql({ pool: fixture.pool, pollEveryMs: false })));
      };
      await fc.assert(property(start), { numRuns: 10 });
      await fixture.close();
    }, 60_000);
  });
});

describe('the property fails for a ledger that', () => {
  for (const [what, kind, shownBy] of FAULTS) {
    it(what, async () => {
      const examples = shownBy ? [[shownBy] satisfies [Script]] : [];
      const { failed } = await fc.check(property(inMemory(kind)), { numRuns: 2000, endOnFailure: true, examples });
      expect(failed).toBe(true);
    });
  }
});

/** A world that can be left. */
type Opened = World & { close(): Promise<void> };

function property(open: () => Promise<Opened>): fc.IAsyncProperty<[Script]> {
  return fc.asyncProperty(script, async (given) => {
    const world = await open();
    try {
      await play(world, given);
    } finally {
      await world.close();
    }
  });
}

function inMemory(kind: Kind): () => Promise<Opened> {
  return () => {
    const store = kind.store();
    return Processes.start(3, false, () => kind.ledger(store));
  };
}

class Processes implements World {
  readonly ledgers: Ledger[] = [];

  private constructor(
    readonly restartFrees: boolean,
    private readonly make: () => Ledger,
  ) {}

  static async start(count: number, restartFrees: boolean, make: () => Ledger): Promise<Processes> {
    const processes = new Processes(restartFrees, make);
    for (let i = 0; i < count; i += 1) await processes.launch(i);
    return processes;
  }

  readonly restart = async (process: number): Promise<void> => {
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
