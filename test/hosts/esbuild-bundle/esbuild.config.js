import { build } from 'esbuild';

/** Packages that Nest looks for and does without, and the driver, whose program can't be bundled. */
const external = [
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets/*',
  'class-transformer/storage',
  'libsql',
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
