import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import type { Remote } from './host/remote.js';
import { alternate, type Side } from './measure.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench } from './plan.js';
import { compared } from './row.js';

const CONNECTIONS = 64;
const MS_PER_SECOND = 1000;

/** Many short blocks in turn, since the cost is smaller than what the machine does to a long one. */
const BLOCKS = { warmUp: 12, counted: 60 };
const BLOCK = 1000;

/**
 * What `telemetry: openTelemetry()` costs a host that has registered no SDK, from the notification to its handler: how many
 * notifications a second of processor time is enough for. Both hosts are in one process.
 */
export const telemetry: Bench = async ({ smoke, rounds, hosts: processes }) => {
  const hosts = await Promise.all([
    processes.start({ adapter: 'fastify', kind: 'module' }),
    processes.start({ adapter: 'fastify', kind: 'module', telemetry: true }),
  ]);
  const count = smoke ? 20 : BLOCK;
  const load =
    (host: Remote): Side =>
    async (round) => {
      const prefix = `R${round}`;
      await host.ask({ ask: 'purge' });
      await host.ask({ ask: 'open', prefix, count });
      const posts = orderNos(prefix, count).map(paidNotification).map(formPost);
      const [before = 0] = await host.ask({ ask: 'cpu' });
      await saturate(host.port, posts, CONNECTIONS, 200);
      const [after = 0] = await host.ask({ ask: 'cpu' });
      return (count / (after - before)) * MS_PER_SECOND;
    };
  const [without, registered] = await alternate(hosts.map(load), smoke ? rounds : BLOCKS);
  await Promise.all(hosts.map((host) => host.stop()));
  const head = {
    what: 'notifications per second of processor time, telemetry without an SDK',
    beside: 'without telemetry',
  };
  return { rows: [compared({ ...head, unit: '/s', target: { atLeast: 0.97 } }, without, registered)] };
};
