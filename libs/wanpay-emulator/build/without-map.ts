import type { Plugin } from 'rolldown';

const COMMENT = /^\/\/# sourceMappingURL=.*\n?/m;

/** Leaves out the source map of a file: with other people's sources in it, it would be larger than the package. */
export function withoutMap(file: string): Plugin {
  return {
    name: 'without-map',
    generateBundle(_, bundle) {
      const chunk = bundle[file];
      if (chunk?.type !== 'chunk') throw new Error(`There is no ${file}.`);
      chunk.code = chunk.code.replace(COMMENT, '');
      Reflect.deleteProperty(bundle, `${file}.map`);
    },
  };
}
