import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';
import type { WanPayEmulator } from 'wanpay-emulator';
import { afterTest } from '../e2e/after-test.js';
import { type Host, startHost } from '../e2e/host.js';
import { startPlatform } from '../e2e/platform.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { run, runProcess, variablesFor } from './run.js';

const QUIET = { reconciliation: { enabled: false } };

let emulator: WanPayEmulator;
beforeEach(async () => {
  emulator = await startPlatform({ clock: { stopped: false } });
});

async function orderAndPay(host: Host, orders: readonly string[]): Promise<void> {
  emulator.faults.dropNotifications(orders.length);
  for (const orderNo of orders) {
    await host.wanpay.createPayment({ orderNo, amount: 50 });
    await emulator.pay(orderNo, { payerAccount: '0004123456789012' });
  }
}

describe('on PostgreSQL', () => {
  let env: Record<string, string>;
  let host: Host;
  beforeEach(async () => {
    const database = await createDatabase();
    host = await startHost('Express', emulator, { ledger: postgres({ connectionString: database }), ...QUIET });
    env = { ...variablesFor(emulator), WANPAY_DATABASE_URL: database };
  });

  async function openLedger(): Promise<Ledger> {
    const ledger = new Ledger(postgres({ connectionString: env.WANPAY_DATABASE_URL ?? '' }));
    await ledger.start();
    afterTest(() => ledger.stop());
    return ledger;
  }

  it('settles what notifications left unsaid, reports it, and leaves the events to the host', async () => {
    await orderAndPay(host, ['A1', 'A2']);
    await host.wanpay.createPayment({ orderNo: 'B1', amount: 50 });
    await host.close();
    const { code, stdout, stderr } = await runProcess(['reconcile', '--json'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      merchantNo: emulator.merchant.merchantNo,
      payments: 3,
      checked: 3,
      unanswered: 0,
      settledByNotification: 0,
      settledByQuery: 2,
      needsReview: 0,
      unknownOrders: 0,
      stillOpen: 1,
    });
    const ledger = await openLedger();
    const key = { merchantNo: emulator.merchant.merchantNo, orderNo: 'A1' };
    expect(await ledger.find(key)).toMatchObject({ state: 'paid', payer: { account: '***********89012' } });
    expect(await ledger.timeline(key)).toContainEqual(
      expect.objectContaining({
        kind: 'event',
        type: 'atm.paid',
        deliveries: [expect.objectContaining({ handler: 'RecordingHandler.onPaid', state: 'pending', attempts: 0 })],
      }),
    );
  });

  it('prints a table, and ends with 1 when something needs attention', async () => {
    emulator.faults.dropNotifications();
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1', { amount: 51 });
    await host.wanpay.createPayment({ orderNo: 'A2', amount: 50 });
    emulator.faults.answer('query', { httpStatus: 503 }, { times: 1 });
    const { code, stdout } = await run(['reconcile'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^payments +2$/m);
    expect(stdout).toMatch(/^not answered for +1$/m);
    const again = await run(['reconcile'], { env });
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(/^with other transfers +1$/m);
    expect(again.stdout).toMatch(/^not answered for +0$/m);
    expect(again.stdout).toMatch(/^Order A1 of NT\$50 is pending\. Other transfers, as reported: 51\.00\./m);
  });

  it('takes the period by which it is asked, in Taipei', async () => {
    await orderAndPay(host, ['A1']);
    const { stdout } = await run(['reconcile', '--json', '--from', '2026-01-01', '--to', '2026-01-02'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      from: '2025-12-31T16:00:00.000Z',
      to: '2026-01-01T16:00:00.000Z',
      payments: 0,
    });
  });

  describe('query', () => {
    it('settles an order, and shows the payment and its history without whole accounts', async () => {
      await orderAndPay(host, ['A1']);
      await host.close();
      const account = emulator.order('A1').account.number;
      const { code, stdout } = await runProcess(['query', 'A1'], { env });
      expect(code).toBe(0);
      expect(stdout).toContain('0000: Paid, 支付成功');
      expect(stdout).toMatch(/^ +state +paid$/m);
      expect(stdout).toMatch(/query: 0000 Paid, 支付成功 +pending → paid$/m);
      expect(stdout).toMatch(/atm\.paid +RecordingHandler\.onPaid: pending, attempts: 0/);
      expect(stdout).toContain('***********89012');
      const json = await run(['query', 'A1', '--json'], { env });
      expect(JSON.parse(json.stdout)).toMatchObject({
        orderNo: 'A1',
        platform: { found: true, outcome: { status: 'paid' } },
        ledger: { found: true, payment: { state: 'paid' } },
      });
      for (const secret of [account, '0004123456789012']) expect(stdout + json.stdout).not.toContain(secret);
    });

    it('shows a person’s decision in the history, and the platform’s last answer above it', async () => {
      emulator.faults.arm({ kind: 'order-taken' });
      await expect(host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })).rejects.toMatchObject({
        code: 'order_number_taken',
      });
      emulator.faults.dropNotifications();
      await emulator.pay('A1');
      await host.wanpay.queryPayment('A1');
      await host.wanpay.acceptPayment('A1', { reason: 'the payer sent a receipt' });
      const { stdout } = await run(['query', 'A1'], { env });
      expect(stdout).toMatch(/^ +status +paid \(0000: Paid, 支付成功\)$/m);
      expect(stdout).toMatch(/person: accepted the transfer +failed → paid$/m);
    });

    it('tells of an order that only the platform has', async () => {
      await orderAndPay(host, ['A1']);
      const elsewhere = { ...env, WANPAY_DATABASE_URL: await createDatabase() };
      expect(await run(['query', 'A1'], { env: elsewhere })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/tables in schema wanpay/),
      });
      const other = new Ledger(postgres({ connectionString: elsewhere.WANPAY_DATABASE_URL }));
      await other.start();
      await other.stop();
      const { code, stdout } = await run(['query', 'A1', '--json'], { env: elsewhere });
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ platform: { found: true }, ledger: { found: false } });
    });
  });
});

it('asks without a ledger, too', async () => {
  const host = await startHost('Express', emulator, QUIET);
  await orderAndPay(host, ['A1']);
  const env = variablesFor(emulator);
  expect(await run(['query', 'A1'], { env })).toMatchObject({ code: 0, stdout: expect.stringMatching(/\*{11}89012/) });
  expect(await run(['query', 'B1'], { env })).toMatchObject({ code: 1 });
  emulator.faults.answer('query', { code: '911', info: '該商戶\u001B[31m無此許可權' });
  const { code, stderr } = await run(['query', 'A1'], { env });
  expect(code).toBe(1);
  expect(stderr).toContain('911');
  expect(stderr).not.toContain('\u001B');
});

describe('on SQLite', () => {
  let file: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wanpay-cli-'));
    afterTest(() => rm(folder, { recursive: true }));
    file = join(folder, 'wanpay.db');
    env = variablesFor(emulator);
  });

  it('waits for room under its rate, and to its end', async () => {
    const host = await startHost('Express', emulator, { ledger: sqlite({ file }), ...QUIET });
    await orderAndPay(host, ['A1', 'A2']);
    await host.close();
    const { code, stdout } = await runProcess(['reconcile', '--sqlite', file, '--rate', '1', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ checked: 2, settledByQuery: 2 });
  });

  it('says that the host must be stopped, which doctor does not mind', async () => {
    await startHost('Express', emulator, { ledger: sqlite({ file }), ...QUIET });
    expect(await runProcess(['reconcile', '--sqlite', file], { env })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('stop the host'),
    });
    expect((await runProcess(['doctor', '--sqlite', file], { env })).stdout).toMatch(/^✓ +ledger .*in use/m);
    await rm(`${file}-wal`);
    expect((await run(['doctor', '--sqlite', file], { env })).stdout).toMatch(/^✗ +ledger .*its log is gone/m);
  });

  it('makes no file where none is', async () => {
    const args = ['--sqlite', `${file}-mistyped`];
    expect(await run(['reconcile', ...args], { env })).toMatchObject({ code: 2 });
    expect((await run(['doctor', ...args], { env })).stdout).toMatch(/^✗ +ledger .*There is no file/m);
    expect(await run(['reconcile', ...args], { env })).toMatchObject({ code: 2 });
  });
});
