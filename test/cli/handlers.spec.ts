import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnAtmEvent } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { type Host, startHost } from '../e2e/host.js';
import { startPlatform } from '../e2e/platform.js';
import { until } from '../e2e/until.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { run } from './run.js';

@Injectable()
class Shipping {
  @OnAtmEvent('atm.issued', { id: 'shipping' })
  ship(): Promise<void> {
    return printerIsMended ? Promise.resolve() : Promise.reject(new Error('The printer is out of paper.'));
  }
}

let printerIsMended = false;

/** The host has another handler of its own, so counting tells nothing. */
async function isDelivered({ wanpay }: Host): Promise<boolean> {
  const { deliveries } = await wanpay.listDeliveries({ handler: 'shipping', state: 'delivered' });
  return deliveries.length === 1;
}

describe('handlers, dead, replay and retire', () => {
  let env: Record<string, string>;
  let shop: Host;
  beforeEach(async () => {
    printerIsMended = false;
    const database = await createDatabase();
    env = { WANPAY_DATABASE_URL: database };
    const emulator = await startPlatform({ clock: { stopped: false } });
    const options = { ledger: postgres({ connectionString: database }), delivery: { maxAttempts: 1 } };
    shop = await startHost('Express', emulator, options, { providers: [Shipping] });
    await shop.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await until(() => shop.wanpay.deliveryCounts.dead === 1, 'the delivery is given up');
  });

  it('show a handler that runs with its dead letters, and end with 1', async () => {
    const { code, stdout } = await run(['handlers'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^shipping +atm\.issued +0 +1 +running$/m);
    const json = await run(['handlers', '--json'], { env });
    expect(JSON.parse(json.stdout)).toContainEqual(
      expect.objectContaining({ id: 'shipping', types: ['atm.issued'], pending: 0, dead: 1, isRunning: true }),
    );
  });

  it('show a dead letter with its reason, and deliver it once more', async () => {
    const { code, stdout } = await run(['dead'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^atm\.issued of order A1 to shipping, given up at .* after 1 attempt\n {2}because {2}The printer/,
    );
    expect((await run(['dead', '--lang=zh-TW'], { env })).stdout).toMatch(
      /^訂單 A1 的 atm\.issued 給 shipping，嘗試 1 次後/,
    );
    const json = await run(['dead', '--handler', 'shipping', '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject([{ handler: 'shipping', orderNo: 'A1', attempts: 1 }]);
    const [, id = ''] = /^ {2}id {7}(\S+)$/m.exec(stdout) ?? [];

    printerIsMended = true;
    expect(await run(['replay', 'nothing', id], { env })).toMatchObject({
      code: 1,
      stdout:
        'To be delivered again: 1 delivery.\nnothing can’t be replayed: there is no such delivery, or it is running.\n',
    });
    await until(() => isDelivered(shop), 'the delivery is made');
    expect(await run(['dead'], { env })).toMatchObject({ code: 0, stdout: 'There is no dead letter.\n' });
  });

  it('deliver all dead letters of a handler once more, and refuse to guess which', async () => {
    printerIsMended = true;
    expect(await run(['replay', '--handler', 'nobody', '--json'], { env })).toMatchObject({
      code: 0,
      stdout: '{\n  "replayed": 0\n}\n',
    });
    expect(await run(['replay', '--all'], { env })).toMatchObject({
      code: 0,
      stdout: 'To be delivered again: 1 delivery.\n',
    });
    await until(() => isDelivered(shop), 'the delivery is made');
    for (const args of [[], ['id', '--all'], ['--delivered']]) {
      expect(await run(['replay', ...args], { env })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--all'),
      });
    }
  });

  it('refuse to retire a handler that runs, unless forced to', async () => {
    const refused = await run(['retire', 'shipping'], { env });
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    const { code, stdout } = await run(['retire', 'shipping', '--force', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ handler: 'shipping', dropped: { pending: 0, dead: 1 } });
    expect((await run(['handlers'], { env })).stdout).not.toContain('shipping');
  });

  it('refuse a handler that nobody knows, and to work without a ledger', async () => {
    expect(await run(['retire', 'nobody'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nobody'),
    });
    expect(await run(['handlers'])).toMatchObject({ code: 2, stderr: expect.stringContaining('WANPAY_DATABASE_URL') });
  });
});
