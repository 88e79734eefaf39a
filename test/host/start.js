// Bundles the hosts, since only plain Node.js loads CommonJS libraries of Nest and ES modules as one Nest, and runs them.
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const file = join(here, 'dist', 'main.js');
const bundle = await rolldown({
  input: join(here, 'main.ts'),
  platform: 'node',
  external: (id) => /^[^./\0]/.test(id) && !id.startsWith('@oxc-project/runtime/'),
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  transform: { target: 'es2023', decorator: { legacy: true, emitDecoratorMetadata: true } },
  tsconfig: false,
});
await bundle.write({ file, codeSplitting: false });
await import(file);
