import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const ROOT = join(import.meta.dirname, '../..');
const MODULE = 'libs/wanpay/src';
const EMULATOR = 'libs/wanpay-emulator/src';

const PATHS = 'import-x/no-restricted-paths';
const NAMES = '@typescript-eslint/no-restricted-imports';
const SYNTAX = 'no-restricted-syntax';
const CYCLES = 'import-x/no-cycle';
const RULES = new Set([PATHS, NAMES, SYNTAX, CYCLES]);

/** The project's own configuration, its import rules alone. */
const eslint = new ESLint({
  cwd: ROOT,
  ruleFilter: ({ ruleId }) => RULES.has(ruleId),
});

/** The rules that a file of this text and place breaks. */
async function rulesBroken(code: string, file: string): Promise<(string | null)[]> {
  const results = await eslint.lintText(code, { filePath: join(ROOT, file) });
  return [...new Set(results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId)))].sort();
}

beforeAll(async () => {
  // The first run reads the configuration and the parser.
  await rulesBroken('', `${MODULE}/index.ts`);
});

describe('an import against the layers is refused', () => {
  it.each([
    ['protocol/ imports a port', 'protocol/time.ts', '../ledger/ledger.js'],
    ['protocol/ imports a flow', 'protocol/time.ts', '../payments/errors.js'],
    ['protocol/ imports the face', 'protocol/time.ts', '../wanpay.options.js'],
    ['ledger/ imports the other port', 'ledger/settle.ts', '../platform/platform.js'],
    ['platform/ imports the other port', 'platform/platform-client.ts', '../ledger/ledger.js'],
    ['a store imports the other port', 'ledger/stores/sqlite/sqlite-store.ts', '../../../platform/platform.js'],
    ['ledger/ imports a flow', 'ledger/settle.ts', '../delivery/backoff.js'],
    ['a store imports the face', 'ledger/stores/memory/memory-store.ts', '../../../wanpay.settings.js'],
    ['platform/ imports the package’s door', 'platform/platform-client.ts', '../index.js'],
    ['payments/ imports another flow', 'payments/payments.ts', '../delivery/delivery.js'],
    ['notifications/ imports another flow', 'notifications/notification-processor.ts', '../payments/payments.js'],
    ['delivery/ imports another flow', 'delivery/delivery.ts', '../notifications/errors.js'],
    ['the command line imports what would take events from the host', 'cli/ledger.ts', '../delivery/delivery.js'],
    ['a flow imports the command line', 'payments/payments.ts', '../cli/moment.js'],
    ['reconciliation/ imports another flow', 'reconciliation/sweeper.ts', '../payments/errors.js'],
    ['a flow imports the face', 'payments/payments.ts', '../wanpay.service.js'],
    ['a test of a flow imports another flow', 'payments/payments.spec.ts', '../delivery/delivery.js'],
  ])('when %s', async (_, file, imported) => {
    expect(await rulesBroken(`import '${imported}';`, `${MODULE}/${file}`)).toContain(PATHS);
  });

  it.each([
    ['a type', "import type { Ledger } from '../ledger/ledger.js'; export type L = Ledger;"],
    ['a re-export', "export { settle } from '../ledger/settle.js';"],
    ['a re-export of everything', "export * from '../ledger/settle.js';"],
    ['a dynamic import', "export const later = () => import('../ledger/settle.js');"],
  ])('also as %s', async (_, code) => {
    expect(await rulesBroken(code, `${MODULE}/platform/platform-client.ts`)).toStrictEqual([PATHS]);
  });
});

describe('a folder of the module that has no layer', () => {
  it.each(['../protocol/index.js', '../ledger/ledger.js', '../delivery/delivery.js', '../index.js'])(
    'may not import %s',
    async (imported) => {
      expect(await rulesBroken(`import '${imported}';`, `${MODULE}/newcomer/file.ts`)).toStrictEqual([PATHS]);
    },
  );

  it('may not import by the detour of a folder within', async () => {
    expect(await rulesBroken("import '../../ledger/ledger.js';", `${MODULE}/newcomer/deep/file.ts`)).toStrictEqual([
      PATHS,
    ]);
  });
});

describe('protocol/ imports nothing but Node', () => {
  it.each(['@nestjs/common', 'axios', 'rxjs', 'fs', 'nestjs-wanpay'])('so %s is refused', async (name) => {
    expect(await rulesBroken(`import '${name}';`, `${MODULE}/protocol/time.ts`)).toContain(NAMES);
  });

  it('so an import that only runs later is refused', async () => {
    const code = "export const later = () => import('@nestjs/common');";
    expect(await rulesBroken(code, `${MODULE}/protocol/time.ts`)).toStrictEqual([SYNTAX]);
  });

  it('so even a type is refused', async () => {
    const code = "import type { Type } from '@nestjs/common'; export type T = Type;";
    expect(await rulesBroken(code, `${MODULE}/protocol/time.ts`)).toStrictEqual([NAMES]);
  });
});

describe('the module knows no package of ours', () => {
  it.each([
    ['the emulator', 'index.ts', 'wanpay-emulator'],
    ['the emulator, in a layer', 'payments/payments.ts', 'wanpay-emulator'],
    ['the emulator, in a test', 'payments/payments.spec.ts', 'wanpay-emulator'],
    ['itself by name, around the layers', 'ledger/settle.ts', 'nestjs-wanpay'],
    ['a part of itself by name', 'delivery/delivery.ts', 'nestjs-wanpay/protocol'],
  ])('so it may not import %s', async (_, file, name) => {
    expect(await rulesBroken(`import '${name}';`, `${MODULE}/${file}`)).toContain(NAMES);
  });

  it('so it may not import the emulator’s sources', async () => {
    expect(await rulesBroken("import '../../wanpay-emulator/src/index.js';", `${MODULE}/index.ts`)).toContain(PATHS);
  });
});

describe('the emulator shares nothing with the module but the protocol', () => {
  it.each(['nestjs-wanpay', 'nestjs-wanpay/sqlite', 'nestjs-wanpay/dist/ledger/settle.js'])(
    'so it may not import %s',
    async (name) => {
      expect(await rulesBroken(`import '${name}';`, `${EMULATOR}/emulator.ts`)).toContain(NAMES);
    },
  );

  it.each(['../../wanpay/src/index.js', '../../wanpay/src/ledger/settle.js', '../../wanpay/src/protocol/index.js'])(
    'so it may not import %s',
    async (path) => {
      expect(await rulesBroken(`import '${path}';`, `${EMULATOR}/emulator.ts`)).toStrictEqual([PATHS]);
    },
  );

  it('so its tests may not either', async () => {
    expect(await rulesBroken("import 'nestjs-wanpay';", `${EMULATOR}/emulator.spec.ts`)).toContain(NAMES);
  });
});

describe('apps and tests reach the libraries by package name', () => {
  it.each([
    ['apps/shop/src/main.ts', '../../../libs/wanpay/src/index.js'],
    ['apps/shop/src/deep/file.ts', '../../../../libs/wanpay/src/ledger/settle.js'],
    ['apps/shop/src/main.ts', '../../../libs/wanpay-emulator/src/index.js'],
    ['test/e2e/file.spec.ts', '../../libs/wanpay/src/protocol/index.js'],
    ['test/file.spec.ts', '../libs/wanpay-emulator/src/emulator.js'],
  ])('so %s may not import %s', async (file, path) => {
    expect(await rulesBroken(`import '${path}';`, file)).toStrictEqual([PATHS]);
  });
});

describe('a cycle is refused', () => {
  it('between two files', async () => {
    const code = "import { settle } from './settle.js'; export const eventBase = settle;";
    expect(await rulesBroken(code, `${MODULE}/ledger/events.ts`)).toStrictEqual([CYCLES]);
  });

  it('through a third file', async () => {
    const code = "import { Ledger } from './ledger.js'; export const eventBase = Ledger;";
    expect(await rulesBroken(code, `${MODULE}/ledger/events.ts`)).toStrictEqual([CYCLES]);
  });
});

describe('an import down the layers is allowed', () => {
  it.each([
    ['protocol/ imports Node', 'protocol/time.ts', 'node:crypto'],
    ['protocol/ imports its own', 'protocol/time.ts', './codes.js'],
    ['a test of protocol/ imports a package', 'protocol/time.spec.ts', 'fast-check'],
    ['a port imports the protocol', 'ledger/settle.ts', '../protocol/index.js'],
    ['a store imports the port', 'ledger/stores/sqlite/sqlite-store.ts', '../../store.js'],
    ['a port imports Nest', 'platform/platform-client.ts', '@nestjs/axios'],
    ['a flow imports a port', 'payments/payments.ts', '../ledger/ledger.js'],
    ['a flow imports the other port', 'payments/payments.ts', '../platform/errors.js'],
    ['a flow imports the protocol', 'delivery/delivery.ts', '../protocol/index.js'],
    ['the face imports a flow', 'wanpay.service.ts', './delivery/delivery.js'],
    ['the face imports a port', 'wanpay.service.ts', './ledger/ledger.js'],
  ])('when %s', async (_, file, imported) => {
    expect(await rulesBroken(`import '${imported}';`, `${MODULE}/${file}`)).toStrictEqual([]);
  });

  it.each([
    ['the emulator imports the protocol', `${EMULATOR}/emulator.ts`, 'nestjs-wanpay/protocol'],
    ['the emulator imports its own', `${EMULATOR}/emulator.ts`, './orders/amount.js'],
    ['the shop imports the module', 'apps/shop/src/main.ts', 'nestjs-wanpay'],
    ['a test imports the module', 'test/e2e/file.spec.ts', 'nestjs-wanpay'],
    ['a test imports the emulator', 'test/e2e/file.spec.ts', 'wanpay-emulator'],
  ])('when %s', async (_, file, imported) => {
    expect(await rulesBroken(`import '${imported}';`, file)).toStrictEqual([]);
  });
});
