import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { lookAt, type Look, violations } from './browser.js';

/** What a person presses or fills in, and can't see to its right edge. */
const CUT_OFF = `[...document.querySelectorAll('button, a.button, input, select, textarea')]
  .filter((control) => control.checkVisibility() && control.getBoundingClientRect().right > innerWidth)
  .map((control) => control.outerHTML)`;

/** Narrow and wide, dark and light. */
export const LOOKS = [
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 360, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const;

/**
 * Sees to it that a page and its controls fit the screen in every look, and that axe finds nothing in one of them.
 *
 * @param path names the page where something is wrong
 * @param checked the look that axe checks: another for each language, since no colour depends on the language
 * @param keep called in each look
 */
export async function expectEveryLook(
  page: Page,
  path: string,
  checked: Look,
  keep: (look: Look) => Promise<void>,
): Promise<void> {
  for (const look of LOOKS) {
    await lookAt(page, look);
    if (look === checked) {
      expect({ path, look, found: await violations(page) }).toEqual({ path, look, found: [] });
    }
    const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    const cutOff = await page.evaluate(CUT_OFF);
    expect({ path, look, overflow, cutOff }).toEqual({ path, look, overflow: false, cutOff: [] });
    await keep(look);
  }
}
