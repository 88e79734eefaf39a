import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createNonce, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { portOf } from '../testing/shop.js';
import { useWanPayEmulator, wanpayMatchers } from './jest-globals.js';

expect.extend(wanpayMatchers);

describe('a test that uses an emulator', () => {
  const emulator = useWanPayEmulator({ beforeAll, afterEach, afterAll });
  const answers: string[] = [];
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.end(answers.shift() ?? 'success');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const order = async (orderNo: string): Promise<void> => {
    const { merchant, clock, baseUrl } = emulator();
    const fields = {
      orgno: merchant.merchantNo,
      secondtimestamp: toTimestamp(clock.now()),
      nonce_str: createNonce(),
      out_trade_no: orderNo,
      total_fee: '128000',
      backurl: `http://127.0.0.1:${portOf(server)}/`,
    };
    const body = new URLSearchParams({ ...fields, sign: sign(fields, merchant.key) });
    await fetch(`${baseUrl}/virtualatmpay`, { method: 'POST', body });
  };

  it('expects orders to be paid', async () => {
    await order('A1');
    expect(emulator().order('A1')).not.toBePaid();
    expect(emulator().order('A1')).toBeInState('unpaid');
    await emulator().pay('A1', { payerBankCode: '013' });
    expect(emulator().order('A1')).toBePaid();
    expect(emulator().order('A1')).toBePaid({ amount: 1280, payerBankCode: '013' });
    expect(emulator().order('A1')).not.toBePaid({ payerBankCode: '822' });
  });

  it('is told what an order is instead', async () => {
    await order('A2');
    await emulator().pay('A2', { amount: 7 });
    expect(() => {
      expect(emulator().order('A2')).toBePaid();
    }).toThrow('Order A2 is paid with NT$7 from bank 822; it was expected to be paid with NT$1280.');
    expect(() => {
      expect(emulator().order('A2')).not.toBeInState('paid');
    }).toThrow('it was expected not to be paid.');
  });

  it('expects merchants to be notified', async () => {
    await order('A3');
    expect(emulator()).not.toHaveNotified('A3');
    answers.push('no');
    await emulator().pay('A3');
    expect(emulator()).toHaveNotified('A3', { times: 1, acknowledged: false });
    expect(() => {
      expect(emulator()).toHaveNotified('A3');
    }).toThrow(
      'was notified 1 times and not acknowledged; it was expected to be notified at least once and acknowledged.',
    );
    await emulator().advance({ minutes: 1 });
    expect(emulator()).toHaveNotified('A3', { times: 2 });
  });

  it('leaves no fault armed, first', () => {
    emulator().faults.dropNotifications();
    expect(emulator().faults.armed()).toHaveLength(1);
  });

  it('leaves no fault armed, and then', () => {
    expect(emulator().faults.armed()).toEqual([]);
  });

  it('is told when it expects something of the wrong thing', () => {
    expect(() => {
      expect('A1').toBePaid();
    }).toThrow('toBePaid is for an order');
    expect(() => {
      expect({}).toHaveNotified('A1');
    }).toThrow('toHaveNotified is for a WanPayEmulator');
  });
});

it('has its emulator in tests only', () => {
  const hooks = { beforeAll: () => undefined, afterEach: () => undefined, afterAll: () => undefined };
  expect(() => useWanPayEmulator(hooks)()).toThrow('starts before the first test');
});
