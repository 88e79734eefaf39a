// The platform's emulator, until nobody needs it.
import { startWanPayEmulator } from 'wanpay-emulator';

const emulator = await startWanPayEmulator();
process.once('disconnect', () => void emulator.close().then(() => process.exit()));
process.send?.({ numbers: [Number(new URL(emulator.baseUrl).port)] });
