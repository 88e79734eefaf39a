import type { MarkdownRenderer } from 'vitepress';

const COPY = 'title="Copy Code"';
const PERMALINK = /^Permalink to "(.*)"$/s;

/** VitePress has one language for the buttons and the links that it adds to the text: on Chinese pages they become Chinese. */
export function chineseLabels(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('chinese-labels', ({ tokens, env }) => {
    if (!isChinese(env)) return;
    for (const link of tokens.flatMap(({ children }) => children ?? [])) {
      const label = link.attrGet('aria-label');
      if (label !== null) link.attrSet('aria-label', label.replace(PERMALINK, '「$1」的連結'));
    }
  });
  const { fence } = markdown.renderer.rules;
  if (!fence) return;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const html = fence(tokens, index, options, env, self);
    return isChinese(env) ? html.replace(COPY, 'title="複製程式碼"') : html;
  };
}

function isChinese(env: { readonly realPath?: unknown; readonly path?: unknown }): boolean {
  return String(env.realPath ?? env.path).includes('zh-TW');
}
