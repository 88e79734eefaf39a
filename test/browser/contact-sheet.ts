import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Look } from './browser.js';

const FOLDER = fileURLToPath(new URL('out', import.meta.url));
/** Taking the pictures costs as much as all that the specs check, so they are taken when asked for. */
export const IS_CONTACT_SHEET_WANTED = process.env.CONTACT_SHEET === '1';
const HEIGHT = 900;
const QUALITY = 60;

/** What a picture shows. */
interface Picture extends Look {
  readonly path: string;
  readonly language: string;
  readonly file: string;
}

/**
 * Pictures of every page in every look, in one file for a person to look through: `test/browser/out/contact-sheet.html`. They are
 * taken with `CONTACT_SHEET=1`. Each spec adds a section of its own: `const sheet = new ContactSheet('Shop')`, `sheet.keep(page, …)` at each look, `sheet.write()` at the end.
 */
export class ContactSheet {
  readonly #pictures: Picture[] = [];

  /** @param section the heading, which also names the files */
  constructor(private readonly section: string) {}

  /** Keeps what a page looks like at present. */
  async keep(page: Page, path: string, language: string, look: Look): Promise<void> {
    if (!IS_CONTACT_SHEET_WANTED) return;
    await mkdir(FOLDER, { recursive: true });
    const file = `${this.section}-${this.#pictures.length}.jpg`.replaceAll(' ', '-').toLowerCase();
    const used = await page.evaluate<number>('document.documentElement.scrollHeight');
    const clip = { x: 0, y: 0, width: look.width, height: Math.min(used, HEIGHT) };
    await page.screenshot({ path: join(FOLDER, file), type: 'jpeg', quality: QUALITY, animations: 'disabled', clip });
    this.#pictures.push({ ...look, path, language, file });
  }

  /** Writes this section, and the sheet of all sections that there are. */
  async write(): Promise<void> {
    if (!IS_CONTACT_SHEET_WANTED) return;
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, `${this.section}.json`), JSON.stringify(this.#pictures));
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).toSorted();
    const sections = await Promise.all(
      names.map(async (name) => {
        const pictures = JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as Picture[];
        return `<h1>${escape(name.replace('.json', ''))}</h1>${rowsOf(pictures)}`;
      }),
    );
    await writeFile(join(FOLDER, 'contact-sheet.html'), `${HEAD}${sections.join('')}`);
  }
}

const HEAD = `<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>
body { font: 14px system-ui; margin: 1rem } h2 { font: 600 14px ui-monospace; margin: 1.5rem 0 .25rem; overflow-wrap: anywhere }
.row { display: flex; gap: .5rem; overflow-x: auto; align-items: flex-start } figure { margin: 0 }
img { border: 1px solid #888; height: auto; width: 180px } figure.wide img { width: 460px }
</style>`;

function rowsOf(pictures: readonly Picture[]): string {
  const paths = [...new Set(pictures.map(({ path }) => path))];
  return paths
    .map((path) => {
      const row = pictures.filter((picture) => picture.path === path);
      return `<h2>${escape(path)}</h2><div class="row">${row.map(figureOf).join('')}</div>`;
    })
    .join('');
}

function figureOf({ width, colorScheme, language, file }: Picture): string {
  const caption = `${width} px, ${colorScheme}, ${language}`;
  const size = width > 600 ? 'wide' : 'slim';
  return `<figure class="${size}"><a href="${file}"><img src="${file}" alt="${caption}" loading="lazy"></a><figcaption>${caption}</figcaption></figure>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
