import { mkdtemp, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { notification, postForm } from '../e2e/notification.js';
import { atOnce } from '../processes/at-once.js';
import { RestartingHost } from '../processes/restarting-host.js';
import { sqliteStore } from './stores.js';

const HOST = join(dirname(fileURLToPath(import.meta.url)), 'host.js');
const AT_ONCE = 8;
const BEFORE = 200;
/** How long something else may have taken the log away until it is noticed. */
const NOTICE_MS = 1000;

interface Answer {
  readonly orderNo: string;
  readonly status: number;
  readonly body: string;
  readonly sentAt: number;
}

let emulator: WanPayEmulator;
let folder: string;
let file: string;
let host: RestartingHost;
let sent = 0;

beforeEach(async () => {
  emulator = await startWanPayEmulator();
  folder = await mkdtemp(join(tmpdir(), 'wanpay-lost-'));
  file = join(folder, 'wanpay.db');
  host = await RestartingHost.at(HOST, emulator, sqliteStore(folder).env);
  await host.start();
});

afterEach(async () => {
  await host.stop('SIGKILL');
  await emulator.close();
  await rm(folder, { recursive: true });
});

async function notify(orderNo = `LOST${(sent += 1)}`): Promise<Answer> {
  const sentAt = performance.now();
  const paid = notification(emulator, { out_trade_no: orderNo, total_fee: '128000' });
  const { status, body } = await postForm(`${host.url}/wanpay/notifications`, paid);
  return { orderNo, status, body, sentAt };
}

/** Which of the orders a process finds in the file that starts on it. */
async function recorded(orderNos: readonly string[]): Promise<readonly string[]> {
  const ledger = new Ledger(sqlite({ file }));
  await ledger.start();
  const { merchantNo } = emulator.merchant;
  const timelines = await Promise.all(orderNos.map((orderNo) => ledger.timeline({ merchantNo, orderNo })));
  await ledger.stop();
  return orderNos.filter((_, i) => timelines[i]?.length !== 0);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

it('a host whose log is deleted acknowledges nothing from then on, and has lost nothing when it is killed', async () => {
  const answers: Answer[] = [];
  await atOnce(AT_ONCE, numbers(BEFORE), async () => answers.push(await notify()));
  expect(answers).toHaveLength(BEFORE);
  expect(answers.filter(({ body }) => body !== 'success')).toEqual([]);

  await unlink(`${file}-wal`);
  const deletedAt = performance.now();
  const isOver = (): boolean => performance.now() > deletedAt + 1.5 * NOTICE_MS;
  await atOnce(AT_ONCE, numbers(AT_ONCE), async () => {
    while (!isOver()) answers.push(await notify());
  });
  await host.stop('SIGKILL');

  const acknowledged = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
  expect(acknowledged.filter(({ sentAt }) => sentAt > deletedAt + NOTICE_MS)).toEqual([]);
  expect(refused.some(({ sentAt }) => sentAt > deletedAt + NOTICE_MS)).toBe(true);
  const orders = acknowledged.map(({ orderNo }) => orderNo);
  expect(await recorded(orders)).toEqual(orders);
  expect(await recorded(refused.map(({ orderNo }) => orderNo))).toEqual([]);

  await host.start();
  const [first] = refused;
  expect(await notify(first?.orderNo)).toMatchObject({ status: 200, body: 'success' });
}, 60_000);
