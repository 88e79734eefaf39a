import type { ExpectStatic } from '@vitest/expect';
import { wanpayMatchers } from 'wanpay-emulator/testing';

/** That of Vitest, which takes its types from there. */
declare const expect: ExpectStatic;

expect.extend(wanpayMatchers);
expect({}).toBePaid({ amount: 1280, payerBankCode: undefined });
expect({}).not.toBeInState('closed');
await expect(Promise.resolve({})).resolves.toHaveNotified('A1', { times: 1 });
// @ts-expect-error There is no such state.
expect({}).toBeInState('lost');
