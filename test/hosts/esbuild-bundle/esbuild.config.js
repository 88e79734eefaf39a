import { build } from 'esbuild';

/** Packages that Nest looks for and does without, the driver, whose program can't be bundled, and the platform of the test. */
const external = [
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets/*',
  'class-transformer/storage',
  'libsql',
  'wanpay-emulator',
];

await build({
  entryPoints: ['src/check.ts', 'src/flow.spec.ts'],
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: true,
  keepNames: true,
  external,
});
