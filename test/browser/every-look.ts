import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { lookAt, type Look, violations } from './browser.js';
import { IS_CONTACT_SHEET_WANTED } from './contact-sheet.js';

/** Whether the page goes beyond the screen, and what a person presses or fills in and can't see to its right edge. */
const FIT = `({
  overflow: document.documentElement.scrollWidth > innerWidth,
  cutOff: [...document.querySelectorAll('button, a.button, input, select, textarea')]
    .filter((control) => control.checkVisibility() && control.getBoundingClientRect().right > innerWidth)
    .map((control) => control.outerHTML),
})`;

/** What a colour scheme changes besides the values of colours. */
const NO_COLOURS = `[...document.styleSheets].flatMap(({ cssRules }) => [...cssRules])
  .filter((rule) => rule instanceof CSSMediaRule && rule.conditionText.includes('prefers-color-scheme'))
  .flatMap(({ cssRules }) => [...cssRules])
  .flatMap(({ style }) => [...style].map((name) => ({ name, value: style.getPropertyValue(name) })))
  .filter(({ name, value }) => !name.startsWith('--') || !CSS.supports('color', value.trim()))`;

/** Narrow and wide, dark and light. */
export const LOOKS = [
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 360, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const;

/**
 * Sees to it that a page and its controls fit a narrow and a wide screen, in either colour scheme, and that axe finds nothing in one
 * look. A page that fits in one scheme fits in the other, since nothing but colours may depend on it; a contact sheet has all looks.
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
  expect({ path, besidesColours: await page.evaluate(NO_COLOURS) }).toEqual({ path, besidesColours: [] });
  for (const look of IS_CONTACT_SHEET_WANTED ? LOOKS : LOOKS.slice(0, 2)) {
    await lookAt(page, look);
    if (look === checked) {
      expect({ path, look, found: await violations(page) }).toEqual({ path, look, found: [] });
    }
    expect({ path, look, ...(await page.evaluate<object>(FIT)) }).toEqual({ path, look, overflow: false, cutOff: [] });
    await keep(look);
  }
}
