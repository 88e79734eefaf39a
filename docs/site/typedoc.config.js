import { DOORS } from './doors.js';

/** The API reference: a page of Markdown for each public name. A name without a docstring ends it with an error. */
export default {
  name: 'API reference',
  plugin: ['typedoc-plugin-markdown', './doors.js'],
  entryPoints: Object.keys(DOORS).map((file) => `../../${file}`),
  tsconfig: '../../tsconfig.json',
  basePath: '../..',
  out: 'api',
  entryFileName: 'index',
  readme: 'none',
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  skipErrorChecking: true,
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'TypeAlias', 'Variable', 'Enum', 'Method'],
  validation: { notDocumented: true, notExported: false, invalidLink: true },
  treatWarningsAsErrors: true,
};
