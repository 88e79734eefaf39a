import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import type { HostMake } from './host/make.js';
import type { Remote } from './host/remote.js';
import { alternate, type Side } from './measure.js';
import { forgedNotification, orderNos, paidNotification } from './orders.js';
import type { Bench, Plan } from './plan.js';
import { compared, type Row, type Target } from './row.js';

const CONNECTIONS = 64;

/** How many notifications a second a host takes in with its ledger in memory, and how many forged ones it refuses. */
export const notification: Bench = async (plan) => {
  const fastify = await onAdapter('fastify', plan, { atLeast: 0.65 });
  const express = await onAdapter('express', plan, { atLeast: 0.9 });
  return { rows: [...fastify, ...express] };
};

async function onAdapter(
  adapter: HostMake['adapter'],
  { smoke, rounds, profileFolder, hosts: processes }: Plan,
  target: Target,
): Promise<Row[]> {
  const name = adapter === 'fastify' ? 'Fastify' : 'Express';
  const hosts = await Promise.all([
    processes.start({ adapter, kind: 'bare' }),
    processes.start({ adapter, kind: 'module' }, profileFolder),
    processes.start({ adapter, kind: 'module', log: true }),
    processes.start({ adapter, kind: 'dto' }),
  ]);
  const [bare, module, logging, dto] = hosts;
  const count = smoke ? 20 : 10_000;
  const load = (host: Remote, status: number, make: typeof paidNotification): Side => {
    return async (round) => {
      const prefix = `R${round}`;
      if (host === module && status === 200) {
        // A ledger that keeps every round would be measured by how many rounds there were.
        await host.ask({ ask: 'purge' });
        await host.ask({ ask: 'open', prefix, count });
      }
      return saturate(host.port, orderNos(prefix, count).map(make).map(formPost), CONNECTIONS, status);
    };
  };
  const [floor, accepted, refused, refusedAloud, peer] = await alternate(
    [
      load(bare, 200, paidNotification),
      load(module, 200, paidNotification),
      load(module, 401, forgedNotification),
      load(logging, 401, forgedNotification),
      load(dto, 200, paidNotification),
    ],
    rounds,
  );
  await Promise.all(hosts.map((host) => host.stop()));
  const beside = `bare controller, ${name}`;
  const peerName = `guard + ValidationPipe + DTO, ${name}`;
  return [
    compared({ what: `notification, memory, ${name}`, beside, unit: '/s', target }, floor, accepted),
    compared(
      {
        what: `notification, memory, ${name}`,
        beside: peerName,
        unit: '/s',
        ...(adapter === 'fastify' ? { target: { atLeast: 2 } } : {}),
      },
      peer,
      accepted,
    ),
    compared({ what: `forged notification, ${name}`, beside, unit: '/s', target: { atLeast: 1 } }, floor, refused),
    compared({ what: `forged notification, ${name}, logged`, beside, unit: '/s' }, floor, refusedAloud),
  ];
}
