import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprints } from './fingerprints.js';

const PROJECT = {
  'package.json': '{}',
  'eslint.config.js': 'export default [];',
  '.oxlintrc.json': '{}',
  'node_modules/.package-lock.json': '{}',
  'libs/wanpay/dist/index.d.ts': 'export declare const a: 1;',
  'src/user.ts': "import { far } from './near.js'; far();",
  'src/near.ts': "export { far } from './far.js';",
  'src/far.ts': 'export const far = (): void => undefined;',
  'src/typed.ts': "export type T = typeof import('./far.js'); import type { U } from './near.js'; export type V = U;",
  'src/late.ts': "export const later = () => import('./far.js');",
  'src/alone.ts': 'export const alone = 1;',
  'src/lacking.ts': "import './new.js';",
  'src/one.ts': "import './two.js';",
  'src/two.ts': "import './one.js';",
};
const SOURCES = Object.keys(PROJECT).filter((path) => path.startsWith('src/'));

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fingerprints-'));
  for (const [path, text] of Object.entries(PROJECT)) write(path, text);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('fingerprints', () => {
  it('stay the same while nothing changes', () => {
    expect(changedBy(() => undefined)).toStrictEqual([]);
  });

  it('change with the file itself, and with that of no other', () => {
    expect(
      changedBy(() => {
        write('src/alone.ts', 'export const alone = 2;');
      }),
    ).toStrictEqual(['src/alone.ts']);
  });

  it('change with what is imported, by whatever way', () => {
    const importers = ['src/far.ts', 'src/late.ts', 'src/near.ts', 'src/typed.ts', 'src/user.ts'];
    expect(
      changedBy(() => {
        write('src/far.ts', 'export const far = async () => {};');
      }),
    ).toStrictEqual(importers);
  });

  it('change for each file of a cycle', () => {
    expect(
      changedBy(() => {
        write('src/one.ts', "import './two.js'; export {};");
      }),
    ).toStrictEqual(['src/one.ts', 'src/two.ts']);
  });

  it('change when a file appears that an import could not find', () => {
    expect(
      changedBy(() => {
        write('src/new.ts', 'export {};');
      }),
    ).toStrictEqual(['src/lacking.ts']);
  });

  it.each([
    ['the rules', 'eslint.config.js'],
    ['the rules that need types', '.oxlintrc.json'],
    ['a package’s entry points', 'package.json'],
    ['the installed packages', 'node_modules/.package-lock.json'],
    ['the types of a built library', 'libs/wanpay/dist/index.d.ts'],
  ])('change for every file with %s', (_, path) => {
    expect(
      changedBy(() => {
        write(path, 'export default [1];');
      }),
    ).toStrictEqual([...SOURCES].sort());
  });

  it('change for every file with what is declared for all', () => {
    const text = 'declare global { var x: 1 } export {};';
    expect(
      changedBy(() => {
        write('src/alone.ts', text);
      }),
    ).toStrictEqual([...SOURCES].sort());
  });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The sources whose fingerprint is another after the change. */
function changedBy(change: () => void): string[] {
  const before = fingerprints(root, Object.keys(PROJECT), SOURCES);
  change();
  const after = fingerprints(root, Object.keys(PROJECT), SOURCES);
  return SOURCES.filter((path) => before.get(path) !== after.get(path)).sort();
}
