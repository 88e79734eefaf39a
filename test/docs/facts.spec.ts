import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const LIBRARY = fileURLToPath(new URL('../../libs/wanpay', import.meta.url));
const sources = readdirSync(join(LIBRARY, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path) => readFileSync(join(LIBRARY, 'src', path), 'utf8'));
/** Each error's class with its code, as the code declares them. */
const declared = sources.flatMap((source) =>
  [...source.matchAll(/class (\w+) extends \w+ \{(?:(?!^\}).)*? readonly code(?:: string)? = '(\w+)'/gms)].map(
    ([, name, code]) => `${code}: ${name}`,
  ),
);

describe.each(['docs/troubleshooting.md', 'docs/zh-TW/troubleshooting.md'])('%s', (page) => {
  it('explains the code of every error', () => {
    const rows = readFileSync(join(LIBRARY, page), 'utf8').matchAll(/^\| `(\w+)` +\| `(\w+Error)` +\| \S/gm);
    expect([...rows].map(([, code, name]) => `${code}: ${name}`).sort()).toEqual([...declared].sort());
  });
});

describe.each(['docs/writing-a-ledger.md', 'docs/zh-TW/writing-a-ledger.md'])('%s', (page) => {
  it('lists every operation of a store, and says how many they are', () => {
    const [, contract = ''] =
      /^export interface LedgerStore \{(.*?)^\}/ms.exec(readFileSync(join(LIBRARY, 'src/ledger/store.ts'), 'utf8')) ??
      [];
    const operations = [...contract.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
    const text = readFileSync(join(LIBRARY, page), 'utf8');
    expect([...text.matchAll(/^\| `(\w+)\([\w, ]*\)`/gm)].map(([, name]) => name).sort()).toEqual(operations.sort());
    expect(text).toMatch(new RegExp(`^## (The )?${operations.length} `, 'm'));
  });
});

it.each(['nestjs-wanpay', 'wanpay-emulator'])(
  '%s has its command before a build, so that npm ci can install it',
  (name) => {
    const library = join(LIBRARY, '..', name.replace('nestjs-', ''));
    expect(readFileSync(join(library, 'package.json'), 'utf8')).toContain(`"${name}": "./bin/${name}.js"`);
    accessSync(join(library, 'bin', `${name}.js`), constants.X_OK);
  },
);
