import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { only } from './only.js';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

/** Keeps what a page looks like for the README, when `SCREENSHOTS=1` asks for it; it takes a font that has Chinese. */
export async function keepScreenshot(page: Page, name: string, maxHeight = Infinity): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return;
  await mkdir(FOLDER, { recursive: true });
  const { width, height } = only(page.viewportSize());
  const used = await page.evaluate<number>('document.body.offsetHeight');
  const clip = { x: 0, y: 0, width, height: Math.min(height, used, maxHeight) };
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled', clip });
}
