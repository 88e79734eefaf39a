import { ModernFakeTimers } from '@jest/fake-timers';
import fc from 'fast-check';
import { readConfig } from 'jest-config';
import { ModuleMocker } from 'jest-mock';

/** What specs import from `@jest/globals`, made of the same parts, but in this process and without a registry of modules. */
export { expect } from 'expect';
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';

// A mutant needs to be seen, not to be told in its smallest form.
fc.configureGlobal({ endOnFailure: true, numRuns: 50 });

const { projectConfig } = await readConfig({ $0: '', _: [], config: '{}' }, process.cwd());
const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: projectConfig, global: globalThis });

export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  useFakeTimers: timers.useFakeTimers.bind(timers),
  useRealTimers: timers.useRealTimers.bind(timers),
  advanceTimersByTime: timers.advanceTimersByTime.bind(timers),
  getTimerCount: timers.getTimerCount.bind(timers),
};
