import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = documentsBelow('');
const CHINESE = DOCUMENTS.filter((path) => path.includes('zh-TW'));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^(`{3,}).*?^\1$/gms, '').replaceAll(/`[^`\n]+`/g, '');
const englishOf = (path: string): string => path.replace('/zh-TW/', '/').replace('.zh-TW.md', '.md');

describe.each(DOCUMENTS)('%s', (document) => {
  it('has nothing of a merge that was left undone', () => {
    expect(read(document)).not.toMatch(/^(<{7}|>{7}|={7}$)/m);
  });

  it('links to what exists', () => {
    const targets = [...withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
      .map(([, link, attribute]) => (link ?? attribute ?? '').split('#')[0] ?? '')
      .filter((target) => target && !/^([a-z]+:|\/)/i.test(target));
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(document), decodeURI(target))))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const missing = [...withoutCode(read(document)).matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].filter(
      ([, path, anchor = '']) => {
        const target = path ? join(dirname(document), path) : document;
        return target.endsWith('.md') && existsSync(join(ROOT, target)) && !anchorsOf(target).has(decodeURI(anchor));
      },
    );
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

const pairs = CHINESE.filter((path) => !path.startsWith('docs/site/') && existsSync(join(ROOT, englishOf(path)))).map(
  (path) => [path] as const,
);
describe.each(pairs)('%s', (document) => {
  it('has the headings and the code of its English original', () => {
    expect(outlineOf(document)).toEqual(outlineOf(englishOf(document)));
  });

  it('and its original link to each other', () => {
    for (const [from, to] of [
      [document, englishOf(document)],
      [englishOf(document), document],
    ] as const) {
      const targets = [...read(from).matchAll(/\]\(([^)\s#]+)\)/g)].map(([, link = '']) => join(dirname(from), link));
      expect(targets).toContain(to);
    }
  });
});

/** The anchors that GitHub gives a document's headings. */
function anchorsOf(document: string): ReadonlySet<string> {
  const text = read(document).replaceAll(/^(`{3,}).*?^\1$/gms, '');
  const headings = [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
  const words = headings.map((heading) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase(),
  );
  return new Set(words.map((each) => each.replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '').replaceAll(' ', '-')));
}

/** Leaves out what is built or installed. */
function documentsBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|dist|api|hosts|\..*)$/.test(entry.name) ? [] : documentsBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The depth of each heading, and each block of code without its comments, which are in the document's language. */
function outlineOf(document: string): string[] {
  return [...read(document).matchAll(/^(#{1,6}) [^\n]*$|^(`{3,})([^\n]*)\n(.*?)^\2$/gms)].map(
    ([, heading, , language, code = '']) => heading ?? `${language}: ${withoutComments(code, language ?? '')}`,
  );
}

function withoutComments(code: string, language: string): string {
  if (language === 'text' || language === 'mermaid') return '';
  return code
    .replaceAll(/(^|\s)(\/\/|#(?!\s*!)|--\s).*$/gm, '')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ');
}
