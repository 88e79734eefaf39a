import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWanPayEmulator, type WanPayEmulator } from '../emulator.js';
import { ListenError, StateFileError } from '../errors.js';
import { Shop } from '../testing/shop.js';

const START = new Date('2026-03-01T12:00:00+08:00');

describe('the file of the state', () => {
  let folder: string;
  let dataFile: string;
  let shop: Shop;
  let next: WanPayEmulator | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanpay-emulator-'));
    dataFile = join(folder, 'state.json');
    shop = await Shop.open({ clock: { stopped: true, startAt: START }, dataFile });
  });
  afterEach(async () => {
    await next?.close();
    next = undefined;
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Ends the emulator, but not the shop, and starts another on the same file. */
  const restart = async (): Promise<WanPayEmulator> => {
    await shop.platform.close();
    next = await startWanPayEmulator({ dataFile });
    return next;
  };

  it('keeps orders, accounts, merchants, faults, the history and the clock', async () => {
    await shop.order({ body: '茶葉' });
    await shop.platform.pay('A1', { amount: 7 });
    shop.platform.merchants.add({ merchantNo: 'M2', key: 'k', allowedSources: ['::1'] });
    shop.platform.faults.arm({ kind: 'dropped-notification' }, { times: 3, orderNo: 'A2' });
    await shop.platform.advance({ hours: 1 });
    const before = shop.platform;
    const after = await restart();
    expect(after.orders()).toEqual(before.orders());
    expect(after.notifications()).toEqual(before.notifications());
    expect(after.timeline('A1')).toEqual(before.timeline('A1'));
    expect(after.merchants.list()).toEqual(before.merchants.list());
    expect(after.merchant).toEqual(before.merchant);
    expect(after.faults.armed()).toEqual(before.faults.armed());
    expect(after.clock.now()).toEqual(new Date(START.getTime() + 3_600_000));
    expect(after.clock.stopped).toBe(true);
  });

  it('keeps what is due: a lapse, a transfer on its way, and the retries of a notification', async () => {
    shop.answers.push({ body: 'no' });
    await shop.order();
    await shop.order({ out_trade_no: 'A2' });
    await shop.order({ out_trade_no: 'A3' });
    await shop.platform.pay('A1');
    await shop.platform.pay('A2', { at: new Date(START.getTime() + 120_000) });
    const after = await restart();
    await after.advance({ minutes: 1 });
    expect(shop.received.map(({ fields }) => fields.out_trade_no)).toEqual(['A1', 'A1']);
    await after.advance({ minutes: 1 });
    expect(shop.received.at(-1)?.fields.out_trade_no).toBe('A2');
    await after.advance({ days: 7 });
    expect(after.orders().map(({ state }) => state)).toEqual(['paid', 'paid', 'closed']);
    expect(after.notifications()).toHaveLength(3);
  });

  it('sends again what was in flight', async () => {
    shop.answers.push('silence');
    await shop.order();
    const paying = shop.platform.pay('A1');
    while (shop.received.length === 0) await new Promise(setImmediate);
    await shop.platform.close();
    await paying;
    next = await startWanPayEmulator({ dataFile });
    await next.advance({ seconds: 1 });
    expect(shop.received).toHaveLength(2);
    expect(next.notifications().at(-1)).toMatchObject({ acknowledged: true });
  });

  it('lets a clock that ran go on', async () => {
    shop.platform.clock.resume();
    const shown = shop.platform.clock.now();
    const after = await restart();
    expect(after.clock.stopped).toBe(false);
    expect(after.clock.now().getTime()).toBeGreaterThanOrEqual(shown.getTime());
  });

  it('is for its owner alone, and leaves nothing beside it', async () => {
    await shop.platform.close();
    expect((await stat(dataFile)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  it.each<[string, (text: string) => string, string]>([
    ['was cut short', (text) => text.slice(0, -20), 'is not a state file of this emulator, or was cut short'],
    ['is empty', () => '', 'is not a state file'],
    ['is something else', () => '{"name":"package"}', 'is not a state file'],
    [
      'was changed by hand',
      (text) => text.replace('"amount":1280', '"amount":1281'),
      'was damaged, or changed by hand',
    ],
    ['is of another version', (text) => text.replace('"version":2', '"version":9'), 'another version'],
  ])('refuses one that %s, and leaves it alone', async (_, change, complaint) => {
    await shop.order();
    await shop.platform.close();
    const broken = change(await readFile(dataFile, 'utf8'));
    await writeFile(dataFile, broken);
    const failure: unknown = await startWanPayEmulator({ dataFile }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StateFileError);
    expect(failure).toMatchObject({ code: 'state_file', message: expect.stringContaining(complaint) });
    expect(await readFile(dataFile, 'utf8')).toBe(broken);
  });

  it('must be one that can be written', async () => {
    const nowhere = join(folder, 'none', 'state.json');
    await expect(startWanPayEmulator({ dataFile: nowhere })).rejects.toThrow('name a file that can be written');
  });

  it('is left alone by a start that finds its port taken', async () => {
    await shop.order();
    const { port } = new URL(shop.platform.url);
    const failure: unknown = await startWanPayEmulator({ dataFile, port: Number(port) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ListenError);
    expect((await restart()).orders()).toHaveLength(1);
  });

  it('is written soon after a change, without waiting for the end', async () => {
    await shop.order();
    let text = await readFile(dataFile, 'utf8');
    while (!text.includes('"orderNo":"A1"')) {
      await new Promise(setImmediate);
      text = await readFile(dataFile, 'utf8');
    }
    expect(text).toContain('"orderNo":"A1"');
  });
});
