import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MariaDbServer } from '../servers/mariadb.js';
import { PostgresServer } from '../servers/postgres.js';
import { crash, type Figures, type Plan } from './scenario.js';
import { mariaDbStore, postgresStore, sqliteStore } from './stores.js';

/** `npm run test:crash` runs the long form. */
const IS_LONG = process.env.CRASH === 'long';
const SIZE = IS_LONG ? { orders: 500, kills: 20 } : { orders: 40, kills: 2 };
const TIMEOUT_MS = IS_LONG ? 600_000 : 120_000;

describe('while payments come in', () => {
  let server: PostgresServer;
  let folder: string;
  const table: Record<string, object> = {};

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(async () => {
    await server.stop();
    if (IS_LONG) console.table(table);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-crash-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const plan = (changes: Partial<Plan> = {}): Plan => ({
    ...SIZE,
    victim: 'host',
    lostReplies: 0,
    plainEffects: join(folder, 'effects.txt'),
    ...changes,
  });

  function expectNothingLost(name: string, figures: Figures): void {
    const { exactlyOnce, atLeastOnce, ...rest } = figures;
    table[name] = {
      ...rest,
      'exactly once': `${exactlyOnce.effects} effects, ${exactlyOnce.missing} missing, ${exactlyOnce.doubled} doubled`,
      'at least once': `${atLeastOnce.effects} effects, ${atLeastOnce.missing} missing, ${atLeastOnce.doubled} doubled`,
    };
    expect(exactlyOnce).toEqual({ effects: figures.orders, missing: 0, doubled: 0 });
    expect(atLeastOnce.missing).toBe(0);
  }

  it(
    'a host over SQLite is killed again and again',
    async () => {
      const figures = await crash(sqliteStore(folder), plan());
      expect(figures.kills).toBe(SIZE.kills);
      expectNothingLost('SQLite, host killed', figures);
    },
    TIMEOUT_MS,
  );

  it(
    'a host over PostgreSQL is killed again and again',
    async () => {
      const figures = await crash(await postgresStore(server), plan());
      expect(figures.kills).toBe(SIZE.kills);
      expectNothingLost('PostgreSQL, host killed', figures);
    },
    TIMEOUT_MS,
  );

  it(
    'PostgreSQL itself is killed again and again, and a third of the acknowledgements is lost',
    async () => {
      const figures = await crash(await postgresStore(server), plan({ victim: 'store', lostReplies: 1 / 3 }));
      expect(figures.kills).toBe(SIZE.kills);
      expect(figures.attempts).toBeGreaterThan(figures.acknowledged);
      expectNothingLost('PostgreSQL, itself killed, replies lost', figures);
    },
    TIMEOUT_MS,
  );

  describe('over MariaDB', () => {
    // Fewer in the short form: what is not the store's is the same as over PostgreSQL.
    const size = IS_LONG ? SIZE : { orders: 16, kills: 2 };
    let mariaDb: MariaDbServer;

    beforeAll(async () => {
      mariaDb = await MariaDbServer.start();
    });
    afterAll(() => mariaDb.stop());

    it(
      'the host and the server are killed again and again, in turn',
      async () => {
        const figures = await crash(await mariaDbStore(mariaDb), plan({ ...size, victim: 'both in turn' }));
        expect(figures.kills).toBe(size.kills);
        expectNothingLost('MariaDB, both killed', figures);
      },
      TIMEOUT_MS,
    );
  });
});
