import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { LockFile } from './lock-file.js';
import { pack } from './packed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

  /** Runs on what was built; `npm test` builds first. */
  it('is built before it is packed, and has every file that its manifest names', async () => {
    const manifest = readFileSync(`${ROOT}/${folder}/package.json`, 'utf8');
    expect(/"prepack": "([^"]*)"/.exec(manifest)?.[1]).toEqual(expect.stringMatching(/(^|&& )tsx build\/main\.ts$/));
    const packed = [...(await pack(`${ROOT}/${folder}`)).files.keys()];
    const named = [...manifest.matchAll(/"\.\/((?:dist|bin)\/[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(4);
    expect(packed).toEqual(expect.arrayContaining(named));
    expect(packed.filter((path) => path.includes('.spec.'))).toEqual([]);
  });
});

it('the emulator brings no other package along', () => {
  expect(lockFile.installedWith('libs/wanpay-emulator')).toEqual(['libs/wanpay-emulator']);
});

it('would notice a script deep below, such as that of BullMQ’s optional decoder', () => {
  const scripted = lockFile.installedWith('node_modules/bullmq').filter((place) => lockFile.hasInstallScript(place));
  expect(scripted).toEqual(['node_modules/msgpackr-extract']);
});
