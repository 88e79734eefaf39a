import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { lookAt, type Look, violations } from './browser.js';

/** Narrow and wide, dark and light. */
export const LOOKS = [
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 360, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const;

/**
 * Sees to it that a page fits the screen in every look, and that axe finds nothing in the first ones.
 *
 * @param path names the page where something is wrong
 * @param checked how many of the looks axe checks: colours depend neither on the width nor on the language
 * @param keep called in each look
 */
export async function expectEveryLook(
  page: Page,
  path: string,
  checked: number,
  keep: (look: Look) => Promise<void>,
): Promise<void> {
  for (const look of LOOKS) {
    await lookAt(page, look);
    if (LOOKS.indexOf(look) < checked) {
      expect({ path, look, found: await violations(page) }).toEqual({ path, look, found: [] });
    }
    const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect({ path, look, overflow }).toEqual({ path, look, overflow: false });
    await keep(look);
  }
}
