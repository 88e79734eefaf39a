import base from '../../jest.config.js';

/**
 * The specs that run without servers: each of some thousand mutants runs those that reach it.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: '../..',
  globalSetup: undefined,
  globalTeardown: undefined,
  reporters: undefined,
  setupFiles: ['<rootDir>/test/mutation/fast-check.js'],
  testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
  roots: ['<rootDir>/libs/wanpay/src', '<rootDir>/test/ledger'],
  testMatch: [
    '**/src/protocol/*.spec.ts',
    '**/src/ledger/*.spec.ts',
    '**/notifications/verifier.spec.ts',
    '**/test/ledger/bank.spec.ts',
  ],
};
