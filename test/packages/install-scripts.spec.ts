import { describe, expect, it } from '@jest/globals';
import { LockFile } from './lock-file.js';

const lockFile = new LockFile();

describe.each([
  ['nestjs-wanpay', 'libs/wanpay', 'node_modules/@nestjs/core'],
  ['wanpay-emulator', 'libs/wanpay-emulator', 'libs/wanpay-emulator'],
])('the package %s', (_, folder, known) => {
  it('brings nothing that runs a script when it is installed', () => {
    const installed = lockFile.installedWith(folder);
    expect(installed).toContain(known);
    expect(installed.filter((place) => lockFile.hasInstallScript(place))).toEqual([]);
  });
});

it('the emulator brings no other package along', () => {
  expect(lockFile.installedWith('libs/wanpay-emulator')).toEqual(['libs/wanpay-emulator']);
});

it('would notice a script deep below, such as that of BullMQ’s optional decoder', () => {
  const scripted = lockFile.installedWith('node_modules/bullmq').filter((place) => lockFile.hasInstallScript(place));
  expect(scripted).toEqual(['node_modules/msgpackr-extract']);
});
