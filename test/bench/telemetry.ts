import { setTimeout as pause } from 'node:timers/promises';
import type { Remote } from './host/remote.js';
import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { quantile } from './measure.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench } from './plan.js';
import { compared } from './row.js';

const CONNECTIONS = 64;
const MS_PER_SECOND = 1000;
const BLOCKS = { warmUp: 2, counted: 4 };
const BLOCK = 5000;
/** Two processes that do the same differ by some per cent for as long as they live, so that one of each tells nothing. */
const PAIRS = 6;

/**
 * What `telemetry: openTelemetry()` costs a host that has registered no SDK, from the notification to its handler: how many
 * notifications a second of processor time is enough for. Each host is a process of its own. A block ends once everything is
 * delivered and the garbage is collected, so that no block pays for the one before. The hosts take turns in the order A B B A,
 * so that neither gains from a machine that becomes slower or faster. Each figure is the median of a process.
 */
export const telemetry: Bench = async ({ smoke, rounds, hosts }) => {
  const [without, registered]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < (smoke ? 1 : PAIRS); pair += 1) {
    const sides = [
      {
        host: await hosts.start({ adapter: 'fastify', kind: 'module' }),
        medians: without,
        figures: new Array<number>(),
      },
      {
        host: await hosts.start({ adapter: 'fastify', kind: 'module', telemetry: true }),
        ...{ medians: registered, figures: new Array<number>() },
      },
    ];
    const { warmUp, counted } = smoke ? rounds : BLOCKS;
    for (let round = 0; round < warmUp + counted; round += 1) {
      for (const { host, figures } of (round + pair) % 2 === 0 ? sides : sides.toReversed()) {
        const figure = await perSecondOfProcessor(host, round, smoke ? 20 : BLOCK);
        if (round >= warmUp) figures.push(figure);
      }
    }
    for (const { host, medians, figures } of sides) {
      await host.stop();
      medians.push(quantile(figures, 0.5));
    }
  }
  const head = {
    what: 'notifications per second of processor time, telemetry without an SDK',
    beside: 'without telemetry',
  };
  return { rows: [compared({ ...head, unit: '/s', target: { atLeast: 0.97 } }, without, registered)] };
};

async function perSecondOfProcessor(host: Remote, round: number, count: number): Promise<number> {
  const prefix = `R${round}`;
  await host.ask({ ask: 'purge' });
  await host.ask({ ask: 'open', prefix, count });
  const posts = orderNos(prefix, count).map(paidNotification).map(formPost);
  await host.ask({ ask: 'memory' });
  const [before = 0] = await host.ask({ ask: 'cpu' });
  await saturate(host.port, posts, CONNECTIONS, 200);
  await delivered(host, (round + 1) * count);
  await host.ask({ ask: 'memory' });
  const [after = 0] = await host.ask({ ask: 'cpu' });
  return (count / (after - before)) * MS_PER_SECOND;
}

async function delivered(host: Remote, count: number): Promise<void> {
  for (let seen = 0; seen < count; [seen = 0] = await host.ask({ ask: 'delivered' })) await pause(10);
}
