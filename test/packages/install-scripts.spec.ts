import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { LockFile } from './lock-file.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const lockFile = new LockFile();

describe.each([
  ['nestjs-wanpay', 'libs/wanpay', 'node_modules/@nestjs/core'],
  ['wanpay-emulator', 'libs/wanpay-emulator', 'node_modules/express'],
])('the package %s', (_, folder, known) => {
  it('brings nothing that runs a script when it is installed', () => {
    const installed = lockFile.installedWith(folder);
    expect(installed).toContain(known);
    expect(installed.filter((place) => lockFile.hasInstallScript(place))).toEqual([]);
  });

  /** Runs on what was built; `npm test` builds first. */
  it('is built before it is packed, and has every file that its manifest names', () => {
    const manifest = readFileSync(`${ROOT}/${folder}/package.json`, 'utf8');
    expect(manifest).toMatch(/"prepack": "[^"]*(?:tsx build\/main\.ts|tsc -p tsconfig\.lib\.json)"/);
    const packed = packedFiles(folder);
    const named = [...manifest.matchAll(/"\.\/((?:dist|bin)\/[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(4);
    expect(packed).toEqual(expect.arrayContaining(named));
    expect(packed.filter((path) => path.includes('.spec.'))).toEqual([]);
  });
});

it('would notice a script deep below, such as that of BullMQ’s optional decoder', () => {
  const scripted = lockFile.installedWith('node_modules/bullmq').filter((place) => lockFile.hasInstallScript(place));
  expect(scripted).toEqual(['node_modules/msgpackr-extract']);
});

/** The files of the tarball. Its scripts don't run: a build would take the files away that other tests use. */
function packedFiles(folder: string): string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', `./${folder}`];
  const [tarball] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as Tarball[];
  return tarball?.files.map(({ path }) => path) ?? [];
}

interface Tarball {
  readonly files: readonly { readonly path: string }[];
}
