import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from '../servers/programs.js';
import { DESK_LOGIN } from './shop.js';

/** Nothing of its own accord over the network, nothing of a user's, and no sandbox, which a container has no rights for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const HEIGHT = 900;
/** Shorter than a test may take, so that what is waited for in vain is named. */
const PATIENCE_MS = 15_000;

/** Debian's shell draws the same pages without a desktop's parts, for half of the processor time. */
const executablePath = findProgram('chromium-headless-shell') ?? findProgram('chromium');

/** `describe` for what needs Chromium. Without one it is skipped, and says so where nobody overlooks it. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executablePath === undefined) {
    process.stderr.write(
      `\nSKIPPED, for there is no chromium on the PATH: ${name}. See to it: npm run test:programs\n\n`,
    );
  }
  (executablePath === undefined ? describe.skip : describe)(name, tests);
}

/** How a page is looked at. */
export interface View {
  /** CSS pixels. */
  readonly width: number;
  /** What the browser says it prefers, such as `en-US`. */
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScript?: boolean;
  /** Whether axe is there on each page, which is cheaper than to bring it to many pages one by one. */
  readonly axe?: boolean;
}

/** How a page that is open is looked at next. */
export interface Look {
  /** CSS pixels. */
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A page, and what it did that no page of ours may do. */
export interface WatchedPage {
  readonly page: Page;
  /** Violations of its content security policy, errors on its console, and requests of other hosts; empty for a good page. */
  readonly faults: string[];
}

/** A Chromium of the test's own. */
export interface Browser {
  newPage(view: View): Promise<WatchedPage>;
  close(): Promise<void>;
}

/** Starts Chromium with an empty profile, which is removed when it is closed. */
export async function openBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const server = await chromium.launchPersistentContext(profile, {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ARGUMENTS,
    chromiumSandbox: false,
  });
  const browser = server.browser();
  if (!browser) throw new Error('Chromium has ended.');
  return {
    newPage: async ({ width, locale = 'zh-TW', colorScheme = 'light', javaScript = true, axe = false }) => {
      const context = await browser.newContext({
        viewport: { width, height: HEIGHT },
        locale,
        colorScheme,
        javaScriptEnabled: javaScript,
        reducedMotion: 'reduce',
        httpCredentials: DESK_LOGIN,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      if (axe) await context.addInitScript(await axeSource);
      return watch(context, await context.newPage());
    },
    close: async () => {
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function watch(context: BrowserContext, page: Page): WatchedPage {
  const faults: string[] = [];
  // Chromium tells of violations of the policy on the console, as errors.
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  context.on('request', (request) => {
    if (!isLocal(request.url())) faults.push(`It asked for ${request.url()}.`);
  });
  return { page, faults };
}

function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'data:' || hostname === '127.0.0.1';
}

/** Looks at a page that is open in another width and colour scheme: it need not be loaded again for that. */
export async function lookAt(page: Page, { width, colorScheme }: Look): Promise<void> {
  await page.setViewportSize({ width, height: HEIGHT });
  await page.emulateMedia({ colorScheme });
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Rows of a long table are alike: lists have the kinds of rows that there are among the first. */
const AXE_CONTEXT = { exclude: ['tbody tr:nth-child(n+16)'] };
const AXE_OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  // All stylesheets once more, for a rule on players, of which there are none, and one on orientations that is not among these.
  preload: false,
};

/** What axe finds wrong with a page, a line each. It comes in by the debugger, which no content security policy holds up. */
export async function violations(page: Page): Promise<readonly string[]> {
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(await axeSource);
  return page.evaluate<
    string[]
  >(`axe.run(${JSON.stringify(AXE_CONTEXT)}, ${JSON.stringify(AXE_OPTIONS)}).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + help + ': ' + html + failureSummary)))`);
}
