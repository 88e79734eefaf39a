import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionForgottenError } from '../errors.js';
import { Shop } from '../testing/shop.js';
import { Visitor } from '../testing/visitor.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('a session as a script', () => {
  let shop: Shop;
  let folder: string;
  beforeEach(async () => {
    shop = await Shop.open({ clock: { stopped: true, startAt: START } });
    folder = await mkdtemp(join(tmpdir(), 'session-'));
  });
  afterEach(async () => {
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (script: string, env: NodeJS.ProcessEnv = {}, args: readonly string[] = []): Promise<unknown> => {
    const file = join(folder, 'session.mjs');
    await writeFile(file, script);
    const given = { env: { PATH: process.env.PATH, ...env }, cwd: folder };
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], given);
    return JSON.parse(stdout);
  };

  it('brings the orders and the notifications about once more', async () => {
    const { platform } = shop;
    shop.answers.push({ body: 'no' }, { body: 'no' });
    platform.faults.payBeforeReply();
    await shop.order({ body: '`${process.exit(1)}` "茶"' });
    await platform.advance({ minutes: 2 });
    await shop.order({ out_trade_no: 'A2' });
    await shop.order({ out_trade_no: 'A3', sign: 'wrong' });
    platform.faults.loseOrderReplies();
    await shop.order({ out_trade_no: 'A4' }).catch(() => undefined);
    await platform.pay('A2', { amount: 7, at: new Date(START.getTime() + 600_000) });
    platform.merchants.addKey(platform.merchant.merchantNo, 'newer');
    await shop.post('/virtualatmpay', shop.signed({ out_trade_no: 'A5', total_fee: '1100' }, 'newer'));
    await platform.closeOrder('A5');
    await platform.resend('A1');
    await platform.advance({ days: 30 });
    await shop.query('A1');
    const expected = platform.orders().map(({ merchantNo, orderNo, state }) => ({ merchantNo, orderNo, state }));
    const sent = shop.received.map(({ fields }) => [fields.out_trade_no, fields.total_fee, fields.status]);
    const script = (await new Visitor(platform.url).get('/api/session.mjs')).body;
    expect(script).not.toContain('newer');

    shop.received.length = 0;
    shop.answers.push({ body: 'no' }, { body: 'no' });
    expect(await run(script, { WANPAY_KEY_21008024_k2: 'newer' })).toEqual(expected);
    expect(shop.received.map(({ fields }) => [fields.out_trade_no, fields.total_fee, fields.status])).toEqual(sent);
  });

  it('posts to another host than the one that ordered', async () => {
    await shop.order({ backurl: 'http://127.0.0.1:1/elsewhere/notifications' });
    await shop.platform.pay('A1');
    const script = shop.platform.sessionScript();
    const { origin } = new URL(shop.notificationUrl);
    expect(await run(script, {}, ['--target', origin])).toMatchObject([{ orderNo: 'A1', state: 'paid' }]);
    expect(shop.received.map(({ path }) => path)).toEqual(['/elsewhere/notifications']);
    await run(script, {}, ['--target', shop.notificationUrl]);
    expect(shop.received.map(({ path }) => path)[1]).toBe('/notifications?from=platform');
    await expect(run(script, {}, ['--target', 'nowhere'])).rejects.toThrow('notificationTarget must be an address');
  });

  it('asks for a key that the world does not know', async () => {
    await shop.close();
    shop = await Shop.open({ merchants: [{ merchantNo: 'M-1', key: 'secret' }] });
    const script = shop.platform.sessionScript();
    expect(script).not.toContain('secret');
    await expect(run(script)).rejects.toThrow('Set WANPAY_KEY_M_1_k1');
    expect(await run(script, { WANPAY_KEY_M_1_k1: 'secret' })).toEqual([]);
  });

  it('is refused when its beginning was forgotten', async () => {
    await shop.close();
    shop = await Shop.open({ historyLimit: 100 });
    for (let n = 0; n < 120; n++) shop.platform.faults.dropNotifications();
    expect(() => shop.platform.sessionScript()).toThrow(SessionForgottenError);
    expect((await new Visitor(shop.platform.url).get('/api/session.mjs')).status).toBe(409);
  });
});
