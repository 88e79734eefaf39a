import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { pageOf } from './pages.js';

/**
 * Lets links between documents, which are relative within the repository, lead to the pages that these have become. A link to code
 * becomes plain text, since the site has none. A link to nothing ends the build.
 *
 * @param root the repository
 */
export function repositoryLinks(markdown: MarkdownRenderer, root: string): void {
  markdown.core.ruler.after('inline', 'repository-links', ({ tokens, env }) => {
    const document = relative(root, String(env.realPath ?? env.path));
    for (const { children } of tokens) {
      const open: boolean[] = [];
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const address = addressOf(token.attrGet('href') ?? '', document, root);
          if (address !== undefined) token.attrSet('href', address);
          else [token.tag, token.attrs] = ['span', null];
          open.push(address !== undefined);
        } else if (token.type === 'link_close' && open.pop() === false) {
          token.tag = 'span';
        }
      }
    }
  });
}

/** Undefined for what the site doesn't have. */
function addressOf(href: string, document: string, root: string): string | undefined {
  if (/^([a-z]+:|#|\/)/i.test(href)) return href;
  const [path = '', hash] = href.split('#');
  const target = join(dirname(document), decodeURI(path));
  if (document.startsWith('docs/site/api/')) return href;
  if (!existsSync(join(root, target))) throw new Error(`${document} links to ${href}, which does not exist.`);
  const isFolder = statSync(join(root, target)).isDirectory();
  const page = pageOf(isFolder ? join(target, 'README.md') : target);
  return page === undefined ? undefined : `/${page}${hash ? `#${hash}` : ''}`;
}
