/**
 * Which documents of the repository are pages, and under which address. The first pattern that matches counts. Documents stay
 * where they are read with the code, and in the packages; the site only arranges them.
 */
export const PAGES: Readonly<Record<string, string>> = {
  'docs/site/index.md': 'index.md',
  'docs/site/zh-TW/index.md': 'zh-TW/index.md',
  'docs/site/api/:rest*': 'api/:rest*',
  'libs/wanpay/docs/:rest*': ':rest*',
  'libs/:name/README.md': ':name.md',
  'libs/:name/README.zh-TW.md': 'zh-TW/:name.md',
  'apps/shop/README.md': 'shop.md',
  'apps/shop/README.zh-TW.md': 'zh-TW/shop.md',
  'apps/examples/README.md': 'examples/index.md',
  'apps/examples/README.zh-TW.md': 'zh-TW/examples/index.md',
  'apps/examples/:name/README.md': 'examples/:name.md',
  'apps/examples/:name/README.zh-TW.md': 'zh-TW/examples/:name.md',
  'docs/adr/README.md': 'adr/index.md',
  'docs/adr/:rest*': 'adr/:rest*',
  'docs/operations/README.md': 'operations/index.md',
  'docs/operations/:rest*': 'operations/:rest*',
  'docs/performance.md': 'performance.md',
  'docs/performance-notes.md': 'performance-notes.md',
  'docs/scaling.md': 'scaling.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'CODE_OF_CONDUCT.md': 'code-of-conduct.md',
  'SECURITY.md': 'security.md',
};

const PATTERNS = Object.entries(PAGES).map(([source, address]) => ({
  matches: new RegExp(
    `^${source.replaceAll('.', '\\.').replace(':rest*', '(?<rest>.+)').replace(':name', '(?<name>[^/]+)')}$`,
  ),
  address,
}));

/** The address of a document, `going-live.md` for `libs/wanpay/docs/going-live.md`; undefined for what is no page. */
export function pageOf(document: string): string | undefined {
  for (const { matches, address } of PATTERNS) {
    const groups = matches.exec(document)?.groups;
    if (matches.test(document)) {
      return address.replace(':rest*', groups?.['rest'] ?? '').replace(':name', groups?.['name'] ?? '');
    }
  }
  return undefined;
}
