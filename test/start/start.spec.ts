import type { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lookAgain } from '../processes/look-again.js';
import { occupy, release } from '../processes/ports.js';
import { Demonstration, freePorts, type Launch, type Ports } from './demonstration.js';

const DEADLINE_MS = 20_000;
const DAY_SECONDS = 86_400;
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
      await watchOneClock(demonstration);

      demonstration.kill('SIGTERM');
      expect(await demonstration.ended).toBe(0);
      await expectFree(ports);
    },
    DEADLINE_MS,
  );

  it(
    'shows a dead letter and its replay, has kept real credentials out of it, and ends on SIGINT too',
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
      await watchADeadLetter(demonstration, 'chosen by me');
      demonstration.kill('SIGINT');
      expect(await demonstration.ended).toBe(0);
      await expectFree(ports);
    },
    DEADLINE_MS,
  );

  it(
    'speaks Chinese where the system does, and ends when npm is told to end, which tells nobody but its shell',
    async () => {
      const demonstration = start({
        command: 'sh',
        args: ['-c', `"${process.execPath}" apps/start.js; exit`],
        env: { npm_lifecycle_event: 'start', LC_ALL: 'zh_TW.UTF-8' },
      });
      await demonstration.prints('可以看的網址');
      expect(demonstration.output).toMatch(/\/desk {2}店家後台：名稱可任意填寫，密碼 \S+/);
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
      const chinese = start({ args: ['apps/ports.js'], env: { LC_ALL: 'zh_TW.UTF-8' } });
      expect(await chinese.ended).toBe(1);
      expect(chinese.output).toContain(`無法在 127.0.0.1 的連接埠 ${ports[name]} 接收連線：連接埠已被使用。`);
      await release(other);
      other = undefined;
      await expectFree(ports);
    },
    DEADLINE_MS,
  );
});

/** The shop follows when the console moves the clock: through a payment, a lost notification, an expiry and late money. */
async function watchOneClock({ shopUrl, emulatorUrl }: Demonstration): Promise<void> {
  const advance = (days: number): Promise<void> =>
    control(emulatorUrl, 'clock', { advanceSeconds: days * DAY_SECONDS });
  const pay = (orderUrl: string): Promise<void> => control(emulatorUrl, `orders/21008024/${orderNoIn(orderUrl)}/pay`);

  const paid = await placeOrder(shopUrl);
  await advance(1);
  await pay(paid);
  expect(await readUntil(paid, '已付款')).not.toContain('期限後入帳');

  const unheard = await placeOrder(shopUrl);
  const expired = await placeOrder(shopUrl);
  await control(emulatorUrl, 'faults', { kind: 'dropped-notification', times: 1 });
  await pay(unheard);
  await advance(1);
  await readUntil(unheard, '已付款');

  await advance(30);
  await readUntil(expired, '已超過繳費期限');
  await pay(expired);
  await readUntil(expired, '款項於期限後入帳');

  expect(await read(await placeOrder(shopUrl))).toContain('等待轉帳');
  expect(await (await fetch(`${emulatorUrl}/api/clock/differences`)).json()).toEqual([]);
}

/** The switch makes a handler fail until its event is given up; a person switches it off and replays the event at the desk. */
async function watchADeadLetter({ shopUrl, emulatorUrl }: Demonstration, password: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`desk:${password}`).toString('base64')}`;
  const desk = async (): Promise<string> => (await fetch(`${shopUrl}/desk`, { headers: { authorization } })).text();
  const flip = async (): Promise<unknown> => {
    const [, failure = ''] = /name="failure" value="(\w+)"/.exec(await read(`${shopUrl}/demonstration`)) ?? [];
    return submit(new URL('/demonstration/failure', shopUrl), { failure });
  };

  await flip();
  const orderUrl = await placeOrder(shopUrl);
  await control(emulatorUrl, `orders/21008024/${orderNoIn(orderUrl)}/pay`);
  while (!(await desk()).includes('payment/replay')) await control(emulatorUrl, 'clock', { advanceSeconds: 60 });
  expect(await read(orderUrl)).toContain('等待轉帳');

  await flip();
  const page = await desk();
  const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
  const replay = await fetch(`${shopUrl}/desk/payment/replay`, {
    method: 'POST',
    headers: { authorization, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields),
  });
  expect(replay.status).toBe(200);
  await readUntil(orderUrl, '已付款');
}

/** Calls the emulator's control API. */
async function control(emulatorUrl: string, path: string, body: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${emulatorUrl}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([path, response.status]).toEqual([path, 200]);
}

function orderNoIn(orderUrl: string): string {
  return orderUrl.slice(orderUrl.lastIndexOf('/') + 1);
}

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
  let page = '';
  const isSaid = async (): Promise<boolean> => {
    page = await read(url);
    return page.includes(text);
  };
  await lookAgain(isSaid, DEADLINE_MS, () => `There is no ${text} in:\n${page}`);
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
