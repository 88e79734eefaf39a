import type { Plugin } from 'rolldown';

/** The bundler's name for the second class of the same name. */
const RENAMED_CLASS = /\bclass \w+\$\d+|\b\w+\$\d+ = class\b/;

/** Refuses a bundle in which a class lost its name, because errors, providers and logs are identified by it. */
export function onlyClassesWithNames(): Plugin {
  return {
    name: 'only-classes-with-names',
    generateBundle(_, chunks) {
      for (const chunk of Object.values(chunks)) {
        const renamed = chunk.type === 'chunk' ? RENAMED_CLASS.exec(chunk.code)?.[0] : undefined;
        if (renamed !== undefined) throw new Error(`${chunk.fileName} has two classes of the same name: ${renamed}.`);
      }
    },
  };
}
