// From a committed payment to a handler through a job queue: the payment and its job in one transaction where the queue can,
// in the way that its documentation gives for it, with the settings that it offers for many jobs.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const { TOOL, DATABASE_URL, REDIS_PORT } = process.env;
const AT_ONCE = 64;
const CONNECTIONS = 16;
/** pg-boss's own default. */
const BOSS_CONNECTIONS = 10;
const FIND = {
  name: 'find',
  text: 'SELECT state FROM by_hand.payments WHERE order_no = $1 AND merchant_no = $2 FOR UPDATE',
};
const PAY = {
  name: 'pay',
  text: `UPDATE by_hand.payments SET state = 'paid', paid_at = now(), updated_at = now(), next_check_at = NULL
    WHERE order_no = $1 AND merchant_no = $2`,
};
const MERCHANT_NO = '21008024';

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: CONNECTIONS });
/** When each order's handler was called. */
const handled = new Map();
let waiting = () => undefined;

function handle(orderNo) {
  handled.set(orderNo, performance.now());
  waiting();
}

const TOOLS = {
  /** Jobs in Redis, so they are added after the commit. */
  async bullmq() {
    const { Queue, Worker } = await import('bullmq');
    const connection = { host: '127.0.0.1', port: Number(REDIS_PORT) };
    const queue = new Queue('paid', { connection, defaultJobOptions: { removeOnComplete: true } });
    const worker = new Worker('paid', async ({ data }) => handle(data.orderNo), { connection, concurrency: AT_ONCE });
    await worker.waitUntilReady();
    return { after: (orderNo) => queue.add('paid', { orderNo }) };
  },

  async 'pg-boss'() {
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString: DATABASE_URL, max: BOSS_CONNECTIONS, useListenNotify: true });
    boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
    await boss.start();
    await boss.createQueue('paid', { notify: true });
    const options = { batchSize: AT_ONCE, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
    await boss.work('paid', options, async (jobs) => {
      for (const { data } of jobs) handle(data.orderNo);
    });
    return {
      within: (client, orderNo) => {
        const db = { executeSql: (text, values) => client.query(text, values) };
        return boss.send('paid', { orderNo }, { db });
      },
    };
  },

  async 'graphile-worker'() {
    const { run } = await import('graphile-worker');
    await run({
      connectionString: DATABASE_URL,
      maxPoolSize: CONNECTIONS,
      noHandleSignals: true,
      taskList: { paid: async ({ orderNo }) => handle(orderNo) },
      preset: {
        worker: {
          // No more than it has connections, or it warns; a handler that does nothing needs no more.
          concurrentJobs: CONNECTIONS,
          localQueue: { size: AT_ONCE * 4 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
    });
    return {
      within: (client, orderNo) =>
        client.query({
          name: 'add',
          text: `SELECT graphile_worker.add_job('paid', json_build_object('orderNo', $1::text))`,
          values: [orderNo],
        }),
    };
  },
};

const queue = await TOOLS[TOOL]();

async function settle(orderNo) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query({ ...FIND, values: [orderNo, MERCHANT_NO] });
    await client.query({ ...PAY, values: [orderNo, MERCHANT_NO] });
    await queue.within?.(client, orderNo);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await queue.after?.(orderNo);
}

function allHandled(orders) {
  return new Promise((resolve) => {
    waiting = () => {
      if (handled.size === orders.length) resolve();
    };
    waiting();
  });
}

const ASKED = {
  async rate({ orders, atOnce }) {
    const begin = performance.now();
    const left = orders.values();
    const workers = Array.from({ length: atOnce }, async () => {
      for (const orderNo of left) await settle(orderNo);
    });
    await Promise.all([...workers, allHandled(orders)]);
    return [(orders.length / (performance.now() - begin)) * 1000];
  },

  /** Each at its own moment, counted from it. */
  async latency({ orders, perSecond }) {
    const begin = performance.now();
    const due = orders.map((_, i) => begin + (i * 1000) / perSecond);
    const settled = orders.map(async (orderNo, i) => {
      await pause(Math.max(0, due[i] - performance.now()));
      due[i] = performance.now();
      await settle(orderNo);
    });
    await Promise.all([...settled, allHandled(orders)]);
    return orders.map((orderNo, i) => handled.get(orderNo) - due[i]);
  },
};

process.once('disconnect', () => process.exit());
process.on('message', async (asked) => {
  handled.clear();
  process.send({ numbers: await ASKED[asked.ask](asked) });
});
process.send({ numbers: [] });
