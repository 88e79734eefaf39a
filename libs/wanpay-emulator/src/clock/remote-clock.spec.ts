import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseTimestamp } from 'nestjs-wanpay/protocol';
import { startWanPayEmulator } from '../emulator.js';
import { InvalidArgumentError } from '../errors.js';
import { Shop } from '../testing/shop.js';
import { Visitor } from '../testing/visitor.js';
import { remoteClock, type RemoteClock } from './remote-clock.js';

const START = new Date('2026-03-01T12:00:00+08:00');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

describe('a clock that follows an emulator over HTTP', () => {
  let shop: Shop;
  let clock: RemoteClock;
  let warnings: string[];
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clock-'));
    shop = await Shop.open({ clock: { stopped: true, startAt: START }, dataFile: join(folder, 'state.json') });
    warnings = [];
    clock = remoteClock(shop.platform.url, { warn: (message) => warnings.push(message) });
    await clock.whenConnected();
  });
  afterEach(async () => {
    clock.close();
    await shop.close();
    await rm(folder, { recursive: true });
  });

  const elapsed = (): number => clock.now().getTime() - START.getTime();

  it('shows the emulator’s time, standing or running, wherever it is moved', async () => {
    expect(clock.now()).toEqual(START);
    await shop.platform.advance({ days: 30 });
    expect(elapsed()).toBe(30 * DAY_MS);
    shop.platform.clock.resume();
    await until(() => elapsed() > 30 * DAY_MS);
    shop.platform.clock.stop();
    await until(() => clock.now().getTime() === shop.platform.clock.now().getTime());
  });

  it('runs its timers once they are due, in order, and those that were withdrawn never', async () => {
    const seen: string[] = [];
    clock.after(2 * HOUR_MS, () => seen.push('later'));
    clock.after(HOUR_MS, () => seen.push('sooner'));
    clock.after(HOUR_MS, () => seen.push('never'))();
    clock.after(0, () => seen.push('at once'));
    await until(() => seen.length === 1);
    await shop.platform.advance({ minutes: 59 });
    expect(seen).toEqual(['at once']);
    await shop.platform.advance({ days: 1 });
    expect(seen).toEqual(['at once', 'sooner', 'later']);
  });

  it('is there in time for what is sent while the emulator is moved', async () => {
    await shop.order();
    shop.answers.push({ body: 'not yet' }, { body: 'not yet' });
    const late: number[] = [];
    shop.beforeAnswer = async () => {
      const sent = parseTimestamp(shop.received.at(-1)?.fields.secondtimestamp ?? '');
      late.push(clock.now().getTime() - (sent?.getTime() ?? 0));
      await nextTurn();
    };
    await shop.platform.pay('A1', { at: 'after-deadline' });
    await shop.platform.advance({ days: 30 });
    expect(late).toEqual([0, 0, 0]);
  });

  it('holds no move up for long when another application hangs', async () => {
    const { followed, hang } = await hangingFollower(shop.platform.url);
    await shop.platform.advance({ days: 1 });
    await shop.platform.advance({ days: 1 });
    expect(followed()).toBeGreaterThan(2);
    expect(elapsed()).toBe(2 * DAY_MS);
    hang.abort();
  });

  it('goes on by itself while the emulator is gone, says so once, and catches up when it is back', async () => {
    const { port } = new URL(shop.platform.url);
    await shop.platform.close();
    await until(() => !clock.connected);
    expect(clock.now()).toEqual(START);
    const again = await startWanPayEmulator({ port: Number(port), dataFile: join(folder, 'state.json') });
    await again.advance({ days: 1 });
    await clock.whenConnected();
    expect(elapsed()).toBe(DAY_MS);
    expect(warnings).toEqual([
      expect.stringMatching(/does not follow the emulator at http:\/\/127\.0\.0\.1:\d+ \(.+\): it goes on by itself/),
      expect.stringContaining('again, and shows 2026-03-02T04:00:00.000Z'),
    ]);
    await again.close();
  });

  it('goes back with a fresh session, which keeps the old one as a file, and its timers keep the time they have left', async () => {
    await shop.order();
    await shop.platform.pay('A1');
    await shop.platform.advance(Date.now() - START.getTime() + 30 * DAY_MS);
    let hasRun = false;
    clock.after(HOUR_MS, () => {
      hasRun = true;
    });
    const visitor = new Visitor(shop.platform.url);
    const { keptIn } = (await (await visitor.post('/api/session')).json()) as { keptIn: string };
    await until(() => Math.abs(clock.now().getTime() - Date.now()) < 1000);
    expect(shop.platform.orders()).toEqual([]);
    expect(shop.platform.requests()).toEqual([]);
    expect(shop.platform.merchants.list()).toHaveLength(1);
    expect(shop.platform.sessionScript()).toContain('21008024');
    expect(await readFile(keptIn, 'utf8')).toContain('"orderNo":"A1"');
    shop.platform.clock.stop();
    await shop.platform.advance({ minutes: 59 });
    expect(hasRun).toBe(false);
    await shop.platform.advance({ minutes: 1 });
    expect(hasRun).toBe(true);
    expect(await shop.order()).toMatchObject({ status: '900' });
  });

  it('needs an address', () => {
    expect(() => remoteClock('emulator')).toThrow(InvalidArgumentError);
  });
});

/** A follower that confirms nothing. */
async function hangingFollower(url: string): Promise<{ followed: () => number; hang: AbortController }> {
  const hang = new AbortController();
  const response = await fetch(`${url}/api/clock/stream?confirm=true`, { signal: hang.signal });
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  void read().catch(() => undefined);
  return { followed: () => text.match(/event: clock/g)?.length ?? 0, hang };
}
