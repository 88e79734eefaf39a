import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../servers/postgres.js';
import { QUEUE_SERVERS } from '../servers/queue-server.js';
import { type Plan, runCluster } from './scenario.js';

/** `npm run test:crash` runs the long form, in which a host dies in the middle of a sweep: its lease has to lapse first. */
const PLAN: Plan =
  process.env.CRASH === 'long'
    ? { orders: 1000, victims: ['idle', 'asking', 'idle'] }
    : { orders: 120, victims: ['idle'] };
const TIMEOUT_MS = 240_000;

describe('Three hosts over one PostgreSQL ledger', () => {
  let server: PostgresServer;
  const table: Record<string, object> = {};

  beforeAll(async () => {
    server = await PostgresServer.start({ fsync: false });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    console.table(table);
  });

  it.each(Object.entries(QUEUE_SERVERS))(
    'and BullMQ in %s: hosts are killed, the queue is killed and wiped',
    async (name, startQueueServer) => {
      const queue = await startQueueServer();
      try {
        const figures = await runCluster(await server.createDatabase(), queue, PLAN);
        const { exactlyOnce, effectsOf, ...rest } = figures;
        table[name] = { ...rest, ...exactlyOnce, 'effects per host': effectsOf.join(' + ') };
        expect(exactlyOnce).toEqual({ effects: PLAN.orders, missing: 0, doubled: 0 });
        expect(figures.hostsDied).toBe(0);
        expect(figures.overlaps).toBe(0);
        expect(figures.foundBySweeps).toBeGreaterThanOrEqual(PLAN.orders / 10);
        expect(figures.deliverJobs).toBeGreaterThan(0);
        expect(figures.sweepJobs).toBeGreaterThan(0);
        expect(Math.min(...effectsOf)).toBeGreaterThan(0);
      } finally {
        await queue.stop();
      }
    },
    TIMEOUT_MS,
  );
});
