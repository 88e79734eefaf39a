import { expect } from '@jest/globals';
import { wanpayMatchers } from 'wanpay-emulator/testing/jest-globals';

expect.extend(wanpayMatchers);
expect({}).toBePaid({ amount: 1280, payerBankCode: undefined });
expect({}).not.toBeInState('closed');
await expect(Promise.resolve({})).resolves.toHaveNotified('A1', { times: 1 });
// @ts-expect-error There is no such state.
expect({}).toBeInState('lost');
