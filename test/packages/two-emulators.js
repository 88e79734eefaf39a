// A process that has the emulator as CommonJS and as ES modules. It prints what holds across the two.
import { createRequire } from 'node:module';
import { ListenError, startWanPayEmulator, UnknownOrderError } from 'wanpay-emulator';
import { wanpayMatchers } from 'wanpay-emulator/testing';

const required = createRequire(import.meta.url)('wanpay-emulator');
const emulator = await required.startWanPayEmulator();
let thrown;
try {
  emulator.order('NONE');
} catch (error) {
  thrown = error;
}
process.stdout.write(
  JSON.stringify({
    copies: new Set([startWanPayEmulator, required.startWanPayEmulator]).size,
    isError: thrown instanceof UnknownOrderError,
    isAnotherError: thrown instanceof ListenError,
    isNotified: wanpayMatchers.toHaveNotified(emulator, 'NONE').pass,
  }),
);
await emulator.close();
