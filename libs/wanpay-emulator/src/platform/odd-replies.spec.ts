import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verify } from 'nestjs-wanpay/protocol';
import { Shop } from '../testing/shop.js';

describe('the reply to an order', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: new Date('2022-07-19T12:00:00+08:00') } });
  });
  afterEach(() => shop.close());

  it.each([
    ['slashes', '2022/07/22'],
    ['fraction', '2022-07-22 23:59:59.0'],
    ['eight-digits', '20220722'],
    ['unreadable', '--'],
    ['absent', undefined],
  ] as const)('has a deadline that is written otherwise: %s', async (deadline, written) => {
    shop.platform.faults.arm({ kind: 'odd-deadline-reply', deadline });
    expect((await shop.order()).data?.expiredate).toBe(written);
    expect((await shop.order({ out_trade_no: 'A2' })).data?.expiredate).toBe('2022-07-22 23:59:59');
  });

  it.each([
    ['spaced', /^"\d{4} \d{4} \d{4} \d\d"$/],
    ['hyphenated', /^"\d{4}-\d{4}-\d{4}-\d\d"$/],
    ['number', /^\d{14}$/],
  ] as const)('has an account that is written otherwise: %s', async (account, written) => {
    shop.platform.faults.arm({ kind: 'odd-account-reply', account });
    const reply = await shop.order();
    const sent = /"code_url":("[^"]*"|\d+)/.exec(reply.text)?.[1] ?? '';
    expect(sent).toMatch(written);
    expect(sent.replace(/\D/g, '')).toBe(shop.platform.order('A1').account.number);
  });

  it('has an account of 16 digits', async () => {
    shop.platform.faults.arm({ kind: 'long-account' });
    const { data } = await shop.order();
    expect(data?.code_url).toMatch(/^\d{16}$/);
    expect(shop.platform.order('A1').account.number).toBe(data?.code_url);
  });

  it('says of a fresh number that it is taken, by an order that can be paid', async () => {
    shop.platform.faults.arm({ kind: 'order-taken' });
    expect(await shop.order()).toMatchObject({ status: '6307', data: '' });
    await shop.platform.pay('A1');
    expect(shop.received[0]?.fields).toMatchObject({ out_trade_no: 'A1', status: '0000', total_fee: '128000' });
    expect(await shop.order()).toMatchObject({ status: '6307' });
  });

  it('has an empty data when it is a refusal, which the signature leaves out', async () => {
    expect(JSON.parse((await shop.order({ total_fee: '1' })).text)).toEqual({
      status: '910',
      info: expect.any(String),
      data: '',
    });
    shop.platform.faults.arm({ kind: 'signed-reply', at: 'order' });
    const { text: signed } = await shop.order({ total_fee: '1' });
    expect(verify(JSON.parse(signed) as Record<string, string>, shop.platform.merchant.key)).toBe(true);
    expect(await shop.query()).not.toHaveProperty('data');
  });
});

describe('the amount in the reply to a query', () => {
  it('is a JSON number, digit for digit, when a fault says so', async () => {
    await using shop = await openShop();
    shop.platform.faults.arm({ kind: 'query-amount', unit: 'dollars', numbers: true });
    await shop.order();
    expect((await shop.query()).text).toContain('"total_fee":1280.00,');
    expect((await shop.query()).text).toContain('"total_fee":"1280.00",');
  });

  it('is always one when the options say so', async () => {
    await using shop = await openShop({ queryAmountAsNumber: true, queryAmountUnit: 'cents' });
    await shop.order();
    expect((await shop.query()).text).toContain('"total_fee":128000,');
  });
});

it('tells the emulator’s time in the head of every reply', async () => {
  await using shop = await openShop({ clock: { stopped: true, startAt: new Date('2022-07-19T12:00:00+08:00') } });
  const response = await fetch(`${shop.platform.baseUrl}/orderquery`, { method: 'POST' });
  expect(response.headers.get('date')).toBe('Tue, 19 Jul 2022 04:00:00 GMT');
});

describe('a connection', () => {
  it('is closed by the reply that says so', async () => {
    await using shop = await openShop();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    shop.platform.faults.arm({ kind: 'closing-reply', at: 'query' });
    expect(await ask(shop, agent)).toMatchObject({ connection: 'close', isReused: false });
    expect(await ask(shop, agent)).toMatchObject({ connection: 'keep-alive', isReused: false });
    expect(await ask(shop, agent)).toMatchObject({ connection: 'keep-alive', isReused: true });
    agent.destroy();
  });

  it('breaks when it is used again, before anything is carried out', async () => {
    await using shop = await openShop();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    shop.platform.faults.arm({ kind: 'dropped-connection', at: 'order' }, { times: 'always' });
    expect(await ask(shop, agent, 'A1')).toMatchObject({ connection: 'keep-alive' });
    await expect(ask(shop, agent, 'A2')).rejects.toThrow('socket hang up');
    expect(await ask(shop, agent, 'A3')).toMatchObject({ connection: 'keep-alive' });
    expect(shop.platform.orders().map(({ orderNo }) => orderNo)).toEqual(['A1', 'A3']);
    agent.destroy();
  });
});

async function openShop(options: Parameters<typeof Shop.open>[0] = {}): Promise<Shop & AsyncDisposable> {
  const shop = await Shop.open(options);
  return Object.assign(shop, { [Symbol.asyncDispose]: () => shop.close() });
}

/** Opens an order, or asks after one, over the connections of an agent. */
async function ask(
  shop: Shop,
  agent: Agent,
  opened?: string,
): Promise<{ connection: string | undefined; isReused: boolean }> {
  const fields = opened === undefined ? { out_trade_no: 'X' } : { out_trade_no: opened, total_fee: '1100' };
  const path = opened === undefined ? '/orderquery' : '/virtualatmpay';
  const sent = request(shop.platform.baseUrl + path, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
    sent.end(new URLSearchParams(shop.signed(fields)).toString());
  });
  await text(response);
  return { connection: response.headers.connection, isReused: sent.reusedSocket };
}
