import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const MODULE = './libs/wanpay/src';
const EMULATOR = './libs/wanpay-emulator/src';
const DESK = './libs/wanpay-desk/src';

/** The layers of libs/wanpay, lowest first: a folder may import from its own and from those named. */
const LAYERS = {
  protocol: [],
  logging: [],
  observation: ['protocol'],
  ledger: ['logging', 'protocol'],
  platform: ['logging', 'observation', 'protocol'],
  payments: ['ledger', 'observation', 'platform', 'protocol'],
  notifications: ['ledger', 'logging', 'observation', 'platform', 'protocol'],
  delivery: ['ledger', 'logging', 'observation', 'platform', 'protocol'],
  reconciliation: ['ledger', 'logging', 'observation', 'platform', 'protocol'],
  bullmq: ['ledger', 'logging', 'protocol'],
  transactions: ['ledger', 'protocol'],
  testing: [
    ...['delivery', 'notifications', 'payments', 'reconciliation', 'ledger', 'platform', 'protocol'],
    ...['wanpay.extras.ts', 'wanpay.lifecycle.ts', 'wanpay.module.ts', 'wanpay.options.ts', 'wanpay.tokens.ts'],
  ],
  health: ['ledger', 'observation', 'protocol', 'wanpay.injection.ts', 'wanpay.service.ts', 'wanpay.status.ts'],
  telemetry: ['logging', 'observation', 'protocol', 'wanpay.status.ts'],
  cli: [
    ...['payments', 'notifications', 'reconciliation', 'ledger', 'platform', 'protocol'],
    ...['wanpay.address.ts', 'wanpay.config.ts', 'wanpay.options.ts', 'wanpay.settings.ts'],
  ],
};

const layerZones = Object.entries(LAYERS).map(([layer, below]) => ({
  target: `${MODULE}/${layer}`,
  from: MODULE,
  except: [layer, ...below].map((folder) => `./${folder}`),
  message: `${layer}/ may import only ${below.join(', ') || 'Node'}: imports point down the layers.`,
}));

const unknownLayerZone = {
  target: `${MODULE}/!(${Object.keys(LAYERS).join('|')})/**`,
  from: MODULE,
  message: 'This folder has no layer yet: name it in LAYERS of eslint.config.js, with what it may import.',
};

const nodeOnly = {
  regex: '^(?!\\.{1,2}/|node:|lossless-json$)',
  message: 'protocol/ is usable without Nest: it imports nothing but Node and lossless-json.',
};

/** Paths tell packages apart only once they are built; names always do. */
const noPackageOfOurs = {
  regex: '^(nestjs-wanpay|nestjs-wanpay-desk|wanpay-emulator)(/|$)',
  message: 'The module reaches its own files by path, through the layers, and knows no other package of ours.',
};
const protocolAlone = {
  regex: '^nestjs-wanpay(?!/protocol$)(/|$)',
  message: 'The emulator shares nothing with the module but nestjs-wanpay/protocol.',
};

/**
 * What neither of the two linters looks at. Among it is what can't be understood here: docs/site/.vitepress, whose packages
 * `npm run docs` alone installs, and apps/examples/prisma, which its host of `npm run test:hosts` compiles and runs.
 */
const { ignorePatterns } = JSON.parse(readFileSync(join(import.meta.dirname, '.oxlintrc.json'), 'utf8'));

export default tseslint.config(
  { ignores: ignorePatterns },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    // Their rules that need types are Oxlint's, in .oxlintrc.json.
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    plugins: { 'import-x': importX },
    languageOptions: {
      // As in tsconfig.json: a class that a decorator sees is imported as a value.
      parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true },
    },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ noWarnOnMultipleProjects: true })],
      // Without these two, no-cycle reads no TypeScript file and so finds no cycle.
      'import-x/extensions': ['.ts', '.tsx', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      // Nothing there imports a source file, so no cycle leads through them, and to parse them takes a third of the run.
      'import-x/ignore': ['/node_modules/', '/(libs|apps)/[^/]+/dist/'],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [
            ...layerZones,
            unknownLayerZone,
            {
              target: MODULE,
              from: './libs',
              except: ['./wanpay/src', './wanpay/node_modules'],
              message: 'The module knows no other package of ours.',
            },
            { target: EMULATOR, from: './libs', except: ['./wanpay-emulator', './wanpay/dist/protocol'] },
            { target: DESK, from: './libs', except: ['./wanpay-desk', './wanpay/dist'] },
            { target: './apps', from: './libs/*/src/**', message: 'Apps reach the libraries by package name.' },
            { target: './test', from: './libs/*/src/**', message: 'Tests reach the libraries by package name.' },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  {
    files: ['libs/wanpay/src/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noPackageOfOurs] }] },
  },
  {
    files: ['libs/wanpay/src/protocol/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [nodeOnly] }],
      'no-restricted-syntax': ['error', { selector: 'ImportExpression', message: nodeOnly.message }],
    },
  },
  {
    files: ['libs/wanpay-emulator/src/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [protocolAlone] }] },
  },
  {
    // How TypeScript adds to the types of another package, or to global ones.
    files: ['libs/wanpay-emulator/src/expectations/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', require: 'readonly' } },
  },
  {
    files: ['test/nest11/*.cjs', 'test/nest11/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.client.js'],
    languageOptions: { globals: globals.browser },
  },
  prettier,
);
