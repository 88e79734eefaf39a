import type { ComponentChildren, JSX } from 'preact';

/** Text that is Chinese in whatever language the page is, such as a bank's name; screen readers then read it as such. */
export function Chinese({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <span lang="zh-Hant-TW">{children}</span>;
}
