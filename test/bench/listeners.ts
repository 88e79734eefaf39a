import { execFileSync } from 'node:child_process';
import type { Remote } from './host/remote.js';
import { Listener } from './http/listener.js';
import { saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { milliseconds } from './measure.js';
import { orderNos, paidNotification } from './orders.js';
import type { Bench, Plan } from './plan.js';
import { type Row, told } from './row.js';

const MOST = 100_000;
/** Each connection to an address needs a port, and Linux has 28,000 for them. */
const MOST_SOCKETS = 25_000;
/** How many other files the processes have open. */
const OTHER_FILES = 500;
/** How many connections are opened at once. A server's backlog holds as many. */
const AT_ONCE = 250;
const WARM_UP = 100;
const PAID = 'data: atm.paid';

/**
 * What it takes when many payers look at the page of their order while they pay: over connections, as many as the limit of open
 * files allows, and 100,000 without connections, which is what the module itself takes.
 */
export const listeners: Bench = async (plan) => ({
  rows: [...(await overConnections(plan)), ...(await withoutConnections(plan))],
});

async function overConnections({ smoke, hosts }: Plan): Promise<Row[]> {
  const host = await hosts.start({ adapter: 'express', kind: 'module', live: true });
  const count = smoke ? 20 : Math.min(MOST, MOST_SOCKETS, openFiles() - OTHER_FILES);
  const [one, other] = await openOrders(host, 'L');
  const [, before = Number.NaN] = await host.ask({ ask: 'memory' });
  const open: Listener[] = [];
  while (open.length < count) {
    const next = Math.min(AT_ONCE, count - open.length);
    open.push(...(await Promise.all(Array.from({ length: next }, () => Listener.open(host.port, `/live/${one}`)))));
  }
  const [, after = Number.NaN] = await host.ask({ ask: 'memory' });
  const toNobody = await milliseconds(() => pay(host, other));
  const toAll = await milliseconds(() => Promise.all([...open.map((listener) => listener.hear(PAID)), pay(host, one)]));
  for (const listener of open) listener.close();
  await host.stop();
  const what = `live page, ${count} listeners over connections`;
  return [
    told(`${what}, resident memory of each`, 'bytes', [(after - before) / count]),
    told('– from a notification until all had the event', 'ms', [toAll]),
    told('– a notification of an order that nobody looks at', 'ms', [toNobody]),
  ];
}

async function withoutConnections({ smoke, hosts }: Plan): Promise<Row[]> {
  const host = await hosts.start({ adapter: 'express', kind: 'module', live: true });
  const count = smoke ? 20 : MOST;
  const [one, other] = await openOrders(host, 'W');
  const [before = Number.NaN] = await host.ask({ ask: 'memory' });
  await host.ask({ ask: 'listen', orderNo: one, count });
  const [after = Number.NaN] = await host.ask({ ask: 'memory' });
  const toNobody = await milliseconds(() => pay(host, other));
  const toAll = await milliseconds(() => pay(host, one));
  const [heard] = await host.ask({ ask: 'heard' });
  if (heard !== count) throw new Error(`${heard} of ${count} listeners received the event.`);
  await host.stop();
  return [
    told(`live page, ${count} listeners without connections, heap of each`, 'bytes', [(after - before) / count]),
    told('– a notification whose event all receive', 'ms', [toAll]),
    told('– a notification of an order that nobody looks at', 'ms', [toNobody]),
  ];
}

/** Opens two orders, and pays others to warm up the host. */
async function openOrders(host: Remote, prefix: string): Promise<readonly [one: string, other: string]> {
  await host.ask({ ask: 'open', prefix, count: 2 + WARM_UP });
  const [one = '', other = '', ...others] = orderNos(prefix, 2 + WARM_UP);
  for (const orderNo of others) await pay(host, orderNo);
  return [one, other];
}

function pay(host: Remote, orderNo: string): Promise<unknown> {
  return saturate(host.port, [formPost(paidNotification(orderNo))], 1, 200);
}

/** How many files a process may have open. The processes that this one starts have the same limit. */
function openFiles(): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
  return Number.isNaN(limit) ? MOST_SOCKETS : limit;
}
