import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import type { Remote } from './host/remote.js';
import { alternate, type Side } from './measure.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench } from './plan.js';
import { compared } from './row.js';

const CONNECTIONS = 64;

/** What `telemetry: openTelemetry()` costs a host that has registered no SDK, from the notification to its handler. */
export const telemetry: Bench = async ({ smoke, rounds, hosts: processes }) => {
  const hosts = await Promise.all([
    processes.start({ adapter: 'fastify', kind: 'module' }),
    processes.start({ adapter: 'fastify', kind: 'module', telemetry: true }),
  ]);
  const count = smoke ? 20 : 10_000;
  const load =
    (host: Remote): Side =>
    async (round) => {
      const prefix = `R${round}`;
      await host.ask({ ask: 'purge' });
      await host.ask({ ask: 'open', prefix, count });
      return saturate(host.port, orderNos(prefix, count).map(paidNotification).map(formPost), CONNECTIONS, 200);
    };
  const [without, registered] = await alternate(hosts.map(load), rounds);
  await Promise.all(hosts.map((host) => host.stop()));
  const head = { what: 'notification, memory, telemetry without an SDK', beside: 'without telemetry' };
  return { rows: [compared({ ...head, unit: '/s', target: { atLeast: 0.97 } }, without, registered)] };
};
