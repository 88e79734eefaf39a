/** @param {boolean} tsx whether the files hold JSX */
const compile = (tsx) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true, tsx },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
    },
    module: { type: 'es6' },
  },
];

/** @type {import('jest').Config} */
export default {
  // Packages are loaded once for each worker instead of once for each spec file.
  runtime: '<rootDir>/test/jest/runtime.cjs',
  testEnvironment: '<rootDir>/test/jest/environment.js',
  // Suites wait for the processes that they start, so that two workers leave a part of two cores idle.
  maxWorkers: 3,
  reporters: ['default', ...(process.env.CI ? ['<rootDir>/test/slowest-files.js'] : [])],
  globalSetup: '<rootDir>/test/servers/global-setup.js',
  globalTeardown: '<rootDir>/test/servers/global-teardown.js',
  // Nothing sleeps, so this is only reached by what hangs; a busy machine is no reason to fail.
  testTimeout: 30_000,
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  // Each host is a project of its own, with its own runner.
  testPathIgnorePatterns: [
    ...['/node_modules/', '/test/hosts/[^/]+/'],
    // Two servers, of which one follows the other, take long to make: npm run test:crash has the time.
    ...(process.env.CRASH === 'long' ? [] : ['/test/crash/failover']),
  ],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': compile(false), '\\.tsx$': compile(true) },
};
