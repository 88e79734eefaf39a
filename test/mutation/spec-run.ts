import { resolve } from 'node:path';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { type TestResult, TestStatus } from '@stryker-mutator/api/test-runner';
import { addEventHandler, type Event, resetState, run } from 'jest-circus';
import type { SpecBundle } from './spec-bundle.js';

export interface SpecRun {
  /** Ids of the tests to run; all when left out. */
  readonly only: ReadonlySet<string> | undefined;
  /** Whether the first failure ends the run. */
  readonly isBailing: boolean;
  /** Called between the loading of the modules and the first test. */
  readonly whenLoaded: () => void;
}

/** Runs a spec with Jest's own runner of tests, and tells Stryker's counters which test is running. */
export async function runSpec(
  bundle: SpecBundle,
  context: InstrumenterContext,
  options: SpecRun,
): Promise<TestResult[]> {
  resetState();
  await bundle.load();
  options.whenLoaded();
  current = { ...options, bundle, context, hasFailed: false };
  const { testResults, unhandledErrors } = await run();
  const tests = testResults.map(({ testPath, status, errors, duration }): TestResult => {
    const name = testPath.slice(1).join(' ');
    const test = { id: idOf(bundle, name), name, fileName: resolve(bundle.spec), timeSpentMs: duration ?? 0 };
    if (errors.length > 0) return { ...test, status: TestStatus.Failed, failureMessage: errors.join('\n') };
    return { ...test, status: status === 'done' ? TestStatus.Success : TestStatus.Skipped };
  });
  return unhandledErrors.length > 0 ? [...tests, failure(bundle, unhandledErrors.join('\n'))] : tests;
}

/** A spec that can't be loaded, or that fails outside of its tests. */
export function failure(bundle: SpecBundle, failureMessage: string): TestResult {
  const name = 'can be loaded';
  return {
    id: idOf(bundle, name),
    name,
    fileName: resolve(bundle.spec),
    timeSpentMs: 0,
    status: TestStatus.Failed,
    failureMessage,
  };
}

export function isReached(bundle: SpecBundle, ids: ReadonlySet<string>): boolean {
  return [...ids].some((id) => id.startsWith(idOf(bundle, '')));
}

let current: (SpecRun & { bundle: SpecBundle; context: InstrumenterContext; hasFailed: boolean }) | undefined;

addEventHandler((event: Event) => {
  if (!current) return;
  if (event.name === 'test_start') {
    const id = idOf(current.bundle, namesOf(event.test).join(' '));
    if (current.hasFailed && current.isBailing) event.test.mode = 'skip';
    else if (current.only?.has(id) === false) event.test.mode = 'skip';
    else current.context.currentTestId = id;
  }
  if (event.name === 'test_fn_failure') current.hasFailed = true;
  if (event.name === 'test_done') delete current.context.currentTestId;
});

function idOf(bundle: SpecBundle, name: string): string {
  return `${bundle.spec} ${name}`;
}

/** The names of the blocks around a test and its own. */
function namesOf(block: { readonly name: string; readonly parent?: { readonly name: string } | undefined }): string[] {
  return block.parent ? [...namesOf(block.parent), block.name] : [];
}
