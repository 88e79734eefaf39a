import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { withMermaid } from 'vitepress-plugin-mermaid';
import { chineseLabels } from './chinese-labels.js';
import { CHINESE, ENGLISH } from './navigation.js';
import { PAGES } from './pages.js';
import { repositoryLinks } from './repository-links.js';
import { SEARCH } from './search.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The site of all documents, in English and in Traditional Chinese. It asks no other host for anything. */
export default withMermaid({
  title: 'nestjs-wanpay',
  description: 'WanPay ATM virtual-account payments for NestJS',
  srcDir: '../..',
  outDir: './dist',
  cacheDir: './cache',
  rewrites: PAGES,
  srcExclude: ['README*.md', '**/{test,node_modules,dist,.github,.changeset}/**', 'apps/examples/**/src/**'],
  cleanUrls: true,
  // Mermaid is larger than the default limit, and so is the index of the search, which is loaded once somebody searches.
  vite: { plugins: [vueForAll()], build: { chunkSizeWarningLimit: 2_000 } },
  markdown: {
    config: (markdown) => {
      repositoryLinks(markdown, ROOT);
      chineseLabels(markdown);
    },
  },
  themeConfig: { search: { provider: 'local', options: SEARCH }, outline: [2, 3] },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: ENGLISH },
    'zh-TW': {
      label: '繁體中文',
      lang: 'zh-TW',
      description: 'NestJS 的旺沛 ATM 虛擬帳號收款模組',
      themeConfig: CHINESE,
    },
  },
});

/** Most documents are outside of this folder, where Vue is not found: it is looked up as if they were in it. */
function vueForAll(): Plugin {
  return {
    name: 'vue-for-all',
    enforce: 'pre',
    resolveId(id, importer) {
      const here = fileURLToPath(new URL('../index.md', import.meta.url));
      if (!/^vue(\/|$)/.test(id) || importer?.startsWith(fileURLToPath(new URL('..', import.meta.url))))
        return undefined;
      return this.resolve(id, here, { skipSelf: true });
    },
  };
}
