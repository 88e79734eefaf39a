import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readReply, isReplyTrusted, verify } from 'nestjs-wanpay/protocol';
import { InvalidArgumentError } from '../errors.js';
import { Shop } from '../testing/shop.js';
import { type Fault } from './fault.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('an armed fault', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
  });
  afterEach(() => shop.close());

  const arm: Shop['platform']['faults']['arm'] = (fault, trigger) => shop.platform.faults.arm(fault, trigger);
  const statuses = async (count: number): Promise<(string | undefined)[]> => {
    const seen: (string | undefined)[] = [];
    for (let n = 0; n < count; n++) seen.push((await shop.query()).status);
    return seen;
  };

  describe('strikes', () => {
    beforeEach(async () => {
      await shop.order();
    });

    it('on the first two occasions, and then no more', async () => {
      arm({ kind: 'code-reply', at: 'query', code: '999' }, { times: 2 });
      expect(await statuses(4)).toEqual(['999', '999', '900', '900']);
      expect(shop.platform.faults.armed()).toEqual([]);
    });

    it('after some that go well', async () => {
      arm({ kind: 'code-reply', at: 'query', code: '993' }, { skip: 2 });
      expect(await statuses(4)).toEqual(['900', '900', '993', '900']);
    });

    it('always', async () => {
      arm({ kind: 'code-reply', at: 'query', code: '991' }, { times: 'always' });
      expect(new Set(await statuses(5))).toEqual(new Set(['991']));
      expect(shop.platform.faults.armed()).toMatchObject([{ struck: 5 }]);
    });

    it('by share, the same occasions for the same seed', async () => {
      const run = async (seed: number): Promise<(string | undefined)[]> => {
        await shop.close();
        shop = await Shop.open({ seed });
        await shop.order();
        arm({ kind: 'code-reply', at: 'query', code: '992' }, { share: 0.5 });
        return statuses(30);
      };
      const first = await run(1);
      expect(await run(1)).toEqual(first);
      expect(await run(2)).not.toEqual(first);
      expect(new Set(first)).toEqual(new Set(['900', '992']));
    });

    it('for one order, or one merchant, only', async () => {
      await shop.order({ out_trade_no: 'A2' });
      arm({ kind: 'code-reply', at: 'query', code: '992' }, { orderNo: 'A2', times: 'always' });
      arm({ kind: 'code-reply', at: 'query', code: '993' }, { merchantNo: 'M2', times: 'always' });
      expect(await shop.query('A1')).toMatchObject({ status: '900' });
      expect(await shop.query('A2')).toMatchObject({ status: '992' });
    });

    it('beside others, unless one would take the other’s place', async () => {
      arm({ kind: 'query-amount', unit: 'cents' });
      arm({ kind: 'numeric-status-reply', at: 'query' });
      expect(JSON.parse((await shop.query()).text)).toMatchObject({ status: 900, data: { total_fee: '128000' } });
      arm({ kind: 'code-reply', at: 'query', code: '991' });
      arm({ kind: 'http-error-reply', at: 'query', httpStatus: 502 });
      expect(await shop.query()).toMatchObject({ status: '991' });
      expect(await shop.query()).toMatchObject({ httpStatus: 502 });
    });

    it('no more once disarmed', async () => {
      const { id } = arm({ kind: 'code-reply', at: 'query', code: '991' });
      arm({ kind: 'code-reply', at: 'query', code: '992' });
      shop.platform.faults.disarm(id);
      expect(await statuses(2)).toEqual(['992', '900']);
    });

    it('and is seen in the timeline', async () => {
      arm({ kind: 'code-reply', at: 'query', code: '991' });
      await shop.query();
      expect(shop.platform.timeline('A1')).toContainEqual(
        expect.objectContaining({ kind: 'fault', fault: { kind: 'code-reply', at: 'query', code: '991' } }),
      );
    });
  });

  describe('of a reply', () => {
    beforeEach(async () => {
      await shop.order();
    });

    it('leaves half of its JSON', async () => {
      arm({ kind: 'malformed-reply', at: 'query' });
      const { httpStatus, text } = await shop.query();
      expect(httpStatus).toBe(200);
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    });

    it('breaks the connection in the middle, after having acted', async () => {
      arm({ kind: 'cut-off-reply', at: 'order' });
      await expect(shop.order({ out_trade_no: 'A2' })).rejects.toThrow('terminated');
      expect(shop.platform.order('A2').state).toBe('unpaid');
    });

    it('makes it slow, in real time', async () => {
      arm({ kind: 'slow-reply', at: 'query', delayMs: 50 });
      const startedMs = performance.now();
      expect(await shop.query()).toMatchObject({ status: '900' });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(49);
    });

    it('does not keep the emulator from closing, however slow', async () => {
      arm({ kind: 'slow-reply', at: 'query', delayMs: 3_600_000 });
      const query = shop.query();
      while (shop.platform.requests().length < 2) await new Promise(setImmediate);
      await shop.platform.close();
      await expect(query).rejects.toThrow('fetch failed');
    });

    it.each([false, true])('signs it, wrongly: %p', async (wrongly) => {
      for (const at of ['order', 'query'] as const) arm({ kind: 'signed-reply', at, wrongly });
      for (const reply of [await shop.order({ out_trade_no: 'A2' }), await shop.query()]) {
        const read = readReply(reply.text);
        expect(read.signed?.sign).toMatch(/^[0-9A-F]{32}$/);
        expect(isReplyTrusted(read, [shop.platform.merchant.key])).toBe(!wrongly);
      }
    });

    it('signs a refusal too', async () => {
      arm({ kind: 'signed-reply', at: 'query' });
      arm({ kind: 'code-reply', at: 'query', code: '999' });
      const read = readReply((await shop.query()).text);
      expect(read.status).toBe('999');
      expect(verify(read.signed ?? {}, shop.platform.merchant.key)).toBe(true);
    });
  });

  describe('of a notification', () => {
    beforeEach(async () => {
      await shop.order();
    });

    it('delays it by the clock', async () => {
      arm({ kind: 'delayed-notification', delaySeconds: 90 });
      await shop.platform.pay('A1');
      await shop.platform.advance({ seconds: 89 });
      expect(shop.received).toHaveLength(0);
      await shop.platform.advance({ seconds: 1 });
      expect(shop.platform.notifications()).toMatchObject([{ attempt: 1, acknowledged: true }]);
    });

    it('leaves a delayed one all its retries', async () => {
      arm({ kind: 'delayed-notification', delaySeconds: 60 });
      shop.answers.push(...Array.from({ length: 9 }, () => ({ body: 'no' })));
      await shop.platform.pay('A1');
      await shop.platform.advance({ days: 1 });
      expect(shop.received).toHaveLength(4);
    });

    it('doubles it', async () => {
      arm({ kind: 'doubled-notification' });
      await shop.platform.pay('A1');
      expect(shop.received.map(({ fields }) => fields.out_trade_no)).toEqual(['A1', 'A1']);
      expect(
        shop.platform
          .notifications()
          .map(({ attempt }) => attempt)
          .toSorted(),
      ).toEqual([1, 2]);
    });

    it('holds it back until another was sent', async () => {
      await shop.order({ out_trade_no: 'A2' });
      arm({ kind: 'out-of-order-notification' });
      await shop.platform.pay('A1');
      expect(shop.received).toHaveLength(0);
      await shop.platform.pay('A2');
      expect(shop.received.map(({ fields }) => fields.out_trade_no)).toEqual(['A2', 'A1']);
    });

    it('brings the results of one order out of order', async () => {
      arm({ kind: 'out-of-order-notification' });
      await shop.platform.fail('A1');
      await shop.platform.pay('A1');
      expect(shop.received.map(({ fields }) => fields.status)).toEqual(['0000', '5805']);
    });

    it('signs it wrongly, once', async () => {
      arm({ kind: 'wrongly-signed-notification' });
      shop.answers.push({ status: 403, body: 'no' });
      await shop.platform.pay('A1');
      await shop.platform.advance({ minutes: 1 });
      const { key } = shop.platform.merchant;
      expect(shop.received.map(({ fields }) => verify(fields, key))).toEqual([false, true]);
    });

    it('adds fields, which the signature covers', async () => {
      arm({ kind: 'extended-notification', fields: { aaa: '1', zzz: '茶' } });
      await shop.platform.pay('A1');
      expect(shop.received[0]?.fields).toMatchObject({ aaa: '1', zzz: '茶' });
      expect(verify(shop.received[0]?.fields ?? {}, shop.platform.merchant.key)).toBe(true);
    });

    it.each<[Fault['kind'], unknown]>([
      ['json-notification', '5805'],
      ['numeric-status-notification', 5805],
    ])('posts it as JSON: %s', async (kind, status) => {
      if (kind !== 'json-notification' && kind !== 'numeric-status-notification') throw new Error(kind);
      arm({ kind });
      await shop.platform.fail('A1');
      const [notification] = shop.received;
      expect(notification?.contentType).toBe('application/json; charset=utf-8');
      const fields = JSON.parse(notification?.body ?? '') as Record<string, string | number>;
      expect(fields.status).toBe(status);
      const signed = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
      expect(verify(signed, shop.platform.merchant.key)).toBe(true);
    });

    it('loses its acknowledgement by the order', async () => {
      await shop.order({ out_trade_no: 'A2' });
      arm({ kind: 'lost-acknowledgement' }, { orderNo: 'A2' });
      await shop.platform.pay('A1');
      await shop.platform.pay('A2');
      expect(shop.platform.notifications().map(({ acknowledged }) => acknowledged)).toEqual([true, false]);
    });
  });

  it.each<[Fault, object]>([
    [{ kind: 'code-reply', at: 'order', code: 'x' }, {}],
    [{ kind: 'http-error-reply', at: 'order', httpStatus: 200 }, {}],
    [{ kind: 'slow-reply', at: 'order', delayMs: 0 }, {}],
    [{ kind: 'delayed-notification', delaySeconds: 0.5 }, {}],
    [{ kind: 'extended-notification', fields: {} }, {}],
    [{ kind: 'extended-notification', fields: { status: '0000' } }, {}],
    [{ kind: 'dropped-notification' }, { share: 0 }],
    [{ kind: 'dropped-notification' }, { share: 1.1 }],
    [{ kind: 'dropped-notification' }, { skip: -1 }],
    [{ kind: 'dropped-notification' }, { times: 0 }],
  ])('cannot be %p, %p', (fault, trigger) => {
    expect(() => arm(fault, trigger)).toThrow(InvalidArgumentError);
    expect(shop.platform.faults.armed()).toEqual([]);
  });
});
