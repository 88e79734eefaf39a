import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../testing/shop.js';
import { Visitor } from '../testing/visitor.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('the control API', () => {
  let shop: Shop;
  let visitor: Visitor;
  let path: string;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    visitor = new Visitor(shop.platform.url);
    await shop.order();
    path = `/api/orders/${shop.platform.merchant.merchantNo}/A1`;
  });
  afterEach(() => shop.close());

  it('tells of orders, notifications, requests and a timeline', async () => {
    await shop.platform.pay('A1');
    expect(await visitor.getJson('/api/orders')).toEqual([
      expect.objectContaining({ orderNo: 'A1', amount: 1280, state: 'paid', openedAt: START.toISOString() }),
    ]);
    expect(await visitor.getJson(path)).toMatchObject({ orderNo: 'A1' });
    expect(await visitor.getJson('/api/notifications')).toMatchObject([{ orderNo: 'A1', acknowledged: true }]);
    expect(await visitor.getJson('/api/requests')).toMatchObject([{ interface: 'order', ending: { httpStatus: 200 } }]);
    const timeline = (await visitor.getJson(`${path}/timeline`)) as { kind: string }[];
    expect(timeline.map(({ kind }) => kind)).toEqual(['request', 'state', 'action', 'state', 'attempt']);
  });

  it('lists a part of the orders, and those in a state', async () => {
    for (const no of ['A2', 'A3']) await shop.order({ out_trade_no: no });
    await shop.platform.pay('A3');
    expect(await visitor.getJson('/api/orders?offset=1&limit=1')).toMatchObject([{ orderNo: 'A2' }]);
    expect(await visitor.getJson('/api/orders?state=paid')).toMatchObject([{ orderNo: 'A3' }]);
    expect((await visitor.get('/api/orders?limit=0')).status).toBe(400);
  });

  it('pays, for what it is told', async () => {
    const payment = { amount: 5, payerBankCode: '700', payerAccount: '42' };
    const response = await visitor.postJson(`${path}/pay`, payment);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ state: 'paid', transfer: payment });
    expect((await visitor.postJson(`${path}/pay`, {})).status).toBe(409);
    expect((await visitor.postJson(`${path}/pay`, { again: true })).status).toBe(200);
    expect((await visitor.post(`${path}/resend`)).status).toBe(200);
    expect(shop.received).toHaveLength(3);
  });

  it.each([
    ['2026-03-02T12:00:00', '2026-03-02T04:00:00.000Z'],
    ['2026-03-02T04:00:00Z', '2026-03-02T04:00:00.000Z'],
    ['after-deadline', '2026-03-04T16:00:59.000Z'],
  ])('pays at %s', async (at, moment) => {
    await visitor.postJson(`${path}/pay`, { at });
    expect(shop.platform.order('A1').state).toBe('paying');
    await shop.platform.advance({ days: 10 });
    expect(shop.platform.order('A1')).toMatchObject({ state: 'paid', transfer: { at: new Date(moment) } });
    expect(shop.platform.notifications().map((attempt) => attempt.at)).toEqual([new Date(moment)]);
  });

  it('pays twice', async () => {
    await visitor.postJson(`${path}/pay`, { twice: true });
    expect(shop.received.map(({ fields }) => fields.status)).toEqual(['0000', '0000']);
  });

  it('lets a transfer fail, closes, and sends any notification again', async () => {
    expect((await visitor.post(`${path}/fail`)).status).toBe(200);
    await shop.platform.pay('A1');
    await visitor.postJson(`${path}/resend`, { notification: 1 });
    expect(shop.received.map(({ fields }) => fields.status)).toEqual(['5805', '0000', '5805']);
    await shop.order({ out_trade_no: 'A2' });
    await visitor.postJson(path.replace('A1', 'A2/close'), { notify: true });
    expect(shop.received.at(-1)?.fields.status).toBe('5803');
  });

  it('tells and changes the clock', async () => {
    const lapse = '2026-03-04T16:00:00.000Z';
    expect(await visitor.getJson('/api/clock')).toEqual({
      now: START.toISOString(),
      stopped: true,
      nextTimerAt: lapse,
    });
    const moved = await visitor.postJson('/api/clock', { advanceSeconds: 86_400 });
    expect(await moved.json()).toMatchObject({ now: '2026-03-02T04:00:00.000Z', stopped: true });
    expect(await (await visitor.postJson('/api/clock', { toNext: true })).json()).toMatchObject({ now: lapse });
    expect(shop.platform.order('A1').state).toBe('closed');
    expect(await (await visitor.postJson('/api/clock', { resume: true })).json()).toMatchObject({ stopped: false });
    expect(await (await visitor.postJson('/api/clock', { stop: true })).json()).toMatchObject({ stopped: true });
  });

  it('names an application whose clock differs, until a request of it shows otherwise', async () => {
    expect(await visitor.getJson('/api/clock/differences')).toEqual([]);
    await shop.platform.advance({ days: 1 });
    const secondtimestamp = String(START.getTime() / 1000);
    expect(await shop.query('A1', { secondtimestamp })).toMatchObject({ status: '910' });
    const application = new URL(shop.notificationUrl).origin;
    const { merchantNo } = shop.platform.merchant;
    expect(await visitor.getJson('/api/clock/differences')).toEqual([
      { merchantNo, application, aheadMs: -86_400_000 },
    ]);
    await shop.query('A1', { secondtimestamp, sign: 'f'.repeat(32) });
    await shop.query('A1');
    expect(await visitor.getJson('/api/clock/differences')).toEqual([]);
    await shop.query('A1', { secondtimestamp, sign: 'f'.repeat(32) });
    expect(await visitor.getJson('/api/clock/differences')).toEqual([]);
  });

  it('arms faults and disarms them', async () => {
    const fault = { kind: 'code-reply', at: 'query', code: '991', times: 2, orderNo: 'A1' };
    const armed = (await (await visitor.postJson('/api/faults', fault)).json()) as { id: string };
    expect(armed).toEqual({
      id: 'f1',
      fault: { kind: 'code-reply', at: 'query', code: '991' },
      trigger: { times: 2, orderNo: 'A1' },
      struck: 0,
    });
    expect(await shop.query('A1')).toMatchObject({ status: '991' });
    expect(await visitor.getJson('/api/faults')).toMatchObject([{ struck: 1 }]);
    await visitor.post(`/api/faults/${armed.id}/disarm`);
    expect(await shop.query('A1')).toMatchObject({ status: '900' });
    await visitor.postJson('/api/faults', { kind: 'dropped-notification', share: 0.5 });
    expect(await (await visitor.post('/api/faults/clear')).json()).toEqual([]);
  });

  it('adds merchants and keys, which it never shows, and says where they may call from', async () => {
    const added = await visitor.postJson('/api/merchants', { merchantNo: 'M2', key: 'one', allowedSources: ['::1'] });
    expect(await added.json()).toEqual({ merchantNo: 'M2', keyIds: ['k1'], allowedSources: ['::1'] });
    await visitor.postJson('/api/merchants/M2/keys', { key: 'two' });
    await visitor.postJson('/api/merchants/M2/keys/k1/remove', {});
    await visitor.postJson('/api/merchants/M2/sources', {});
    const list = await visitor.get('/api/merchants');
    expect(JSON.parse(list.body)).toEqual([
      { merchantNo: shop.platform.merchant.merchantNo, keyIds: ['k1'] },
      { merchantNo: 'M2', keyIds: ['k2'] },
    ]);
    expect(list.body).not.toContain(shop.platform.merchant.key);
    const theirs = { orgno: 'M2', total_fee: '1100', out_trade_no: 'B1' };
    expect(await shop.post('/virtualatmpay', shop.signed(theirs, 'one'))).toMatchObject({ status: '913' });
    expect(await shop.post('/virtualatmpay', shop.signed(theirs, 'two'))).toMatchObject({ status: '900' });
  });

  it.each<[string, unknown, number, string]>([
    ['/api/orders/M1/NONE/pay', {}, 404, 'unknown_order'],
    ['/api/orders/M1/NONE/refund', {}, 404, 'http_error'],
    ['/api/clock', {}, 400, 'invalid_argument'],
    ['/api/clock', { advanceSeconds: -1 }, 400, 'invalid_argument'],
    ['/api/clock', { advanceSeconds: 1, stop: true }, 400, 'invalid_argument'],
    ['/api/clock', { stop: false }, 400, 'invalid_argument'],
    ['/api/clock', [], 400, 'invalid_argument'],
    ['/api/clock', { x: 'y'.repeat(100_000) }, 413, 'body_too_long'],
    ['/api/faults', { kind: 'bad-luck' }, 400, 'invalid_argument'],
    ['/api/faults', { kind: 'code-reply' }, 400, 'invalid_argument'],
    ['/api/faults', { kind: 'dropped-notification', share: 2 }, 400, 'invalid_argument'],
    ['/api/faults', { kind: 'extended-notification', fields: { sign: 'x' } }, 400, 'invalid_argument'],
    ['/api/merchants', { merchantNo: 'M2' }, 400, 'invalid_argument'],
    ['/api/merchants', { merchantNo: 'M2', key: 'k', allowedSources: ['here'] }, 400, 'invalid_argument'],
    ['/api/merchants/NONE/keys', { key: 'k' }, 404, 'unknown_merchant'],
    ['/api/merchants/21008024/keys/k1/remove', {}, 400, 'invalid_argument'],
  ])('answers %s with %p by a clear error', async (where, value, status, code) => {
    const response = await visitor.postJson(where, value);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code, message: expect.any(String) });
  });

  it.each([{ amount: 'lots' }, { amount: 0 }, { payerBankCode: 13 }, { amounts: 1 }, { again: 'no' }, { at: 'soon' }])(
    'refuses to pay %p',
    async (payment) => {
      expect((await visitor.postJson(`${path}/pay`, payment)).status).toBe(400);
      expect(shop.platform.order('A1').state).toBe('unpaid');
    },
  );

  it('takes JSON as JSON only', async () => {
    expect((await visitor.post('/api/clock', '{', { 'content-type': 'application/json' })).status).toBe(400);
    expect((await visitor.post('/api/clock', '{"stop":true}', { 'content-type': 'text/plain' })).status).toBe(400);
  });

  it('describes itself, each operation and what it answers with', async () => {
    const document = (await visitor.getJson('/api/openapi.json')) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string }>>;
    };
    expect(document.openapi).toMatch(/^3\./);
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/clock',
      '/api/clock/differences',
      '/api/clock/followers/{follower}/arrived',
      '/api/clock/stream',
      '/api/events',
      '/api/faults',
      '/api/faults/clear',
      '/api/faults/{id}/disarm',
      '/api/merchants',
      '/api/merchants/{merchantNo}/keys',
      '/api/merchants/{merchantNo}/keys/{keyId}/remove',
      '/api/merchants/{merchantNo}/sources',
      '/api/notifications',
      '/api/notifications/resend',
      '/api/openapi.json',
      '/api/orders',
      '/api/orders/{merchantNo}/{orderNo}',
      '/api/orders/{merchantNo}/{orderNo}/close',
      '/api/orders/{merchantNo}/{orderNo}/fail',
      '/api/orders/{merchantNo}/{orderNo}/pay',
      '/api/orders/{merchantNo}/{orderNo}/resend',
      '/api/orders/{merchantNo}/{orderNo}/timeline',
      '/api/requests',
      '/api/session',
      '/api/session.mjs',
    ]);
    for (const operations of Object.values(document.paths)) {
      for (const { summary } of Object.values(operations)) expect(summary).toBeTruthy();
    }
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document).toHaveProperty(['components', 'schemas', name]);
    }
  });

  describe('as server-sent events', () => {
    /** Listens until a text has come; the events so far. */
    const listen = async (query: string, until: string, act: () => Promise<unknown>): Promise<string> => {
      const connecting = request(`${shop.platform.url}/api/events${query}`).end();
      const [stream] = (await once(connecting, 'response')) as [IncomingMessage];
      let seen = '';
      let acted = false;
      for await (const chunk of stream.setEncoding('utf8')) {
        seen += String(chunk);
        if (!acted) {
          // It begins with every event, for a page that has missed some.
          expect(seen.match(/^event: \w+$/gm)).toHaveLength(5);
          acted = true;
          seen = '';
          await act();
        } else if (seen.includes(until)) break;
      }
      connecting.destroy();
      return seen;
    };

    it('tell what kind of thing has changed, and no more', async () => {
      const seen = await listen('', 'event: order', () => shop.platform.pay('A1'));
      expect(seen.replaceAll(/^event: \w+\ndata:\n\n/gm, '')).toBe('');
    });

    it('tell of the clock', async () => {
      await listen('', 'event: clock', () => shop.platform.advance({ seconds: 1 }));
    });

    it('tell of one order only, when asked', async () => {
      const query = `?merchantNo=${shop.platform.merchant.merchantNo}&orderNo=A1`;
      const seen = await listen(query, 'event: clock', async () => {
        await shop.order({ out_trade_no: 'A2' });
        await shop.platform.advance({ seconds: 1 });
      });
      expect(seen).not.toContain('event: order');
    });

    it('tell of many changes at once, whatever their number', async () => {
      const seen = await listen('', 'event: order', async () => {
        for (let n = 0; n < 500; n++) shop.platform.faults.dropNotifications();
        await shop.platform.pay('A1');
      });
      expect(seen.match(/event: faults/g)?.length).toBeLessThan(20);
    });
  });
});
