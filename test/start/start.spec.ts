import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { occupy, release } from '../processes/ports.js';
import { Demonstration, freePorts, type Launch, type Ports } from './demonstration.js';

const DEADLINE_MS = 20_000;
const GREETING = 'Where to look';

/** Runs on what was built; `npm test` builds first. */
describe('npm start', () => {
  let ports: Ports;
  let started: Demonstration[];
  let other: Server | undefined;
  beforeEach(async () => {
    ports = await freePorts();
    started = [];
  });
  afterEach(async () => {
    for (const demonstration of started) demonstration.kill('SIGTERM');
    await Promise.all(started.map(({ ended }) => ended));
    await release(other);
    other = undefined;
  });

  const start = (launch?: Partial<Launch>): Demonstration => {
    const demonstration = new Demonstration(ports, launch);
    started.push(demonstration);
    return demonstration;
  };

  it(
    'takes an order from the shop’s first page until it is paid in the console, and ends on SIGTERM',
    async () => {
      const demonstration = start();
      await demonstration.prints(GREETING);
      expect(demonstration.output).toContain(demonstration.shopUrl);
      expect(demonstration.output).toContain(demonstration.emulatorUrl);

      const merchantsDesk = `${demonstration.shopUrl}/desk`;
      const password = only(demonstration.output, /\/desk {2}the merchant’s desk: any name, password (\S+)/);
      expect((await fetch(merchantsDesk, { headers: { 'x-forwarded-for': '127.0.0.1' } })).status).toBe(401);
      const authorization = `Basic ${Buffer.from(`desk:${password}`).toString('base64')}`;
      expect((await fetch(merchantsDesk, { headers: { authorization } })).status).toBe(200);

      const orderUrl = await placeOrder(demonstration.shopUrl);
      const waiting = await read(orderUrl);
      expect(waiting).toMatch(/<dd>\d{4} \d{4} \d{4} \d{2}<\/dd>/);
      const deskUrl = only(waiting, /href="([^"]+)">到模擬器付款/);
      expect(deskUrl.startsWith(demonstration.emulatorUrl)).toBe(true);

      const desk = await read(deskUrl);
      await submit(new URL(only(desk, /<form method="post" action="([^"]+\/pay)">/), deskUrl));
      expect(await readUntil(orderUrl, '已付款')).toContain('測試付款，不會出貨');

      demonstration.kill('SIGTERM');
      expect(await demonstration.ended).toBe(0);
      await expectFree(ports);
    },
    DEADLINE_MS,
  );

  it(
    'ends on SIGINT too, and has kept real credentials out of it',
    async () => {
      const demonstration = start({
        env: {
          WANPAY_KEYS: 'of,production',
          WANPAY_BASE_URL: 'https://pay.example',
          SHOP_DESK_PASSWORD: 'chosen by me',
        },
      });
      await demonstration.prints(GREETING);
      expect(demonstration.output).toContain('password as in SHOP_DESK_PASSWORD');
      expect(demonstration.output).not.toContain('chosen by me');
      expect(await read(await placeOrder(demonstration.shopUrl))).toContain('等待轉帳');
      demonstration.kill('SIGINT');
      expect(await demonstration.ended).toBe(0);
      await expectFree(ports);
    },
    DEADLINE_MS,
  );

  it(
    'ends when npm is told to end, which tells nobody but its shell',
    async () => {
      const demonstration = start({
        command: 'sh',
        args: ['-c', `"${process.execPath}" apps/start.js; exit`],
        env: { npm_lifecycle_event: 'start' },
      });
      await demonstration.prints(GREETING);
      demonstration.kill('SIGTERM');
      await demonstration.ended;
      await expectFree(ports);
    },
    DEADLINE_MS,
  );

  it.each([
    ['shop', 'SHOP_PORT'],
    ['emulator', 'EMULATOR_PORT'],
  ] as const)(
    'says that the port of the %s is taken and to set %s, before it builds or starts anything',
    async (name, variable) => {
      other = await occupy(ports[name]);
      for (const args of [['apps/ports.js'], ['apps/start.js']]) {
        const demonstration = start({ args });
        expect(await demonstration.ended).toBe(1);
        const taken = `Cannot listen on 127.0.0.1, port ${ports[name]}: the port is taken.`;
        expect(demonstration.output).toMatch(new RegExp(`^${taken}.* set ${variable} to another`));
        expect(demonstration.output.trim().split('\n')).toHaveLength(1);
      }
      await release(other);
      other = undefined;
      await expectFree(ports);
    },
    DEADLINE_MS,
  );
});

/** As a customer does: the first page, the form of the first item, the form sent. Returns the address of the order. */
async function placeOrder(shopUrl: string): Promise<string> {
  const items = await read(shopUrl);
  const checkoutUrl = new URL(only(items, /href="(\/checkout\/[^"]+)"/), shopUrl);
  const checkout = await read(checkoutUrl);
  const orderNo = only(checkout, /name="orderNo" value="([^"]+)"/);
  const response = await submit(new URL(only(checkout, /<form method="post" action="([^"]+)">/), shopUrl), {
    orderNo,
    quantity: '2',
    recipient: '王小明',
  });
  return response.url;
}

async function submit(url: URL, fields: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  expect(response.status).toBe(200);
  return response;
}

async function read(url: string | URL): Promise<string> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.text();
}

/** Reads a page again and again until it says something; the test's own deadline bounds it. */
async function readUntil(url: string, text: string): Promise<string> {
  const deadline = Date.now() + DEADLINE_MS;
  let page = await read(url);
  while (!page.includes(text) && Date.now() < deadline) page = await read(url);
  expect(page).toContain(text);
  return page;
}

function only(page: string, pattern: RegExp): string {
  const [, found] = pattern.exec(page) ?? [];
  if (found === undefined) throw new Error(`There is no ${String(pattern)} in:\n${page}`);
  return found;
}

async function expectFree(ports: Ports): Promise<void> {
  for (const port of [ports.shop, ports.emulator]) {
    const server = await occupy(port);
    expect(server).toBeDefined();
    await release(server);
  }
}
