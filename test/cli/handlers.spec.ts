import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnAtmEvent } from 'nestjs-wanpay';
import { postgres } from 'nestjs-wanpay/postgres';
import { startHost } from '../e2e/host.js';
import { startPlatform } from '../e2e/platform.js';
import { until } from '../e2e/until.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { run } from './run.js';

@Injectable()
class Shipping {
  @OnAtmEvent('atm.issued', { id: 'shipping' })
  ship(): Promise<void> {
    return Promise.reject(new Error('The printer is out of paper.'));
  }
}

describe('handlers and retire', () => {
  let env: Record<string, string>;
  beforeEach(async () => {
    const database = await createDatabase();
    env = { WANPAY_DATABASE_URL: database };
    const emulator = await startPlatform({ clock: { stopped: false } });
    const options = { ledger: postgres({ connectionString: database }), delivery: { maxAttempts: 1 } };
    const host = await startHost('Express', emulator, options, { providers: [Shipping] });
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await until(() => host.wanpay.deliveryCounts.dead === 1, 'the delivery is given up');
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
