import type { Plugin } from 'rolldown';

/** How the bundler calls the second class of a name. */
const RENAMED_CLASS = /\bclass \w+\$\d+|\b\w+\$\d+ = class\b/;

/** Refuses a bundle in which a class lost its name: errors, providers and logs are known by it. */
export function onlyClassesWithNames(): Plugin {
  return {
    name: 'only-classes-with-names',
    generateBundle(_, chunks) {
      for (const chunk of Object.values(chunks)) {
        const renamed = chunk.type === 'chunk' ? RENAMED_CLASS.exec(chunk.code)?.[0] : undefined;
        if (renamed !== undefined) throw new Error(`${chunk.fileName} has two classes of one name: ${renamed}.`);
      }
    },
  };
}
