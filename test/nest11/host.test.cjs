// A test of that host, in Jest as CommonJS projects have it.
const { afterAll, afterEach, beforeAll, expect, it } = require('@jest/globals');
const { useWanPayEmulator, wanpayMatchers } = require('wanpay-emulator/testing');
const { placeAndPay, START } = require('./flow.cjs');

expect.extend(wanpayMatchers);
const emulator = useWanPayEmulator({ beforeAll, afterEach, afterAll }, { clock: { stopped: true, startAt: START } });

it('has the emulator in its own process', async () => {
  const started = { startWanPayEmulator: () => Promise.resolve(emulator()) };
  const libraries = [
    require('nestjs-wanpay'),
    require('nestjs-wanpay/protocol'),
    started,
    require('nestjs-wanpay-desk'),
  ];
  const line = await placeAndPay(...libraries);
  expect(emulator()).toHaveNotified('FORM', { times: 1 });
  expect(emulator().order('FORM')).toBePaid({ amount: 1280 });
  process.stdout.write(line);
});
