import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { SpecBundle } from './spec-bundle.js';
import { failure, isReached, runSpec, type SpecRun } from './spec-run.js';

/** What this runner adds to the options of Stryker: the paths of the specs. */
export const strykerValidationSchema = {
  type: 'object',
  properties: { specs: { type: 'array', items: { type: 'string' } } },
};

/**
 * Runs the tests that reach a mutant in the process that Stryker started. Jest would start anew for each of some three thousand
 * mutants, and that takes many times as long as the tests.
 */
class SpecRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);
  /** What the code that Stryker wrote reads and counts. */
  private readonly context: InstrumenterContext = {};
  private bundles: readonly SpecBundle[] = [];

  constructor(private readonly options: StrykerOptions) {}

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    Object.assign(globalThis, { __stryker__: this.context });
    const { specs } = this.options;
    if (!Array.isArray(specs)) throw new Error('The option "specs" is missing.');
    this.bundles = await Promise.all(specs.map((spec) => SpecBundle.build(String(spec))));
  }

  async dryRun(): Promise<DryRunResult> {
    const result = await this.run(undefined, { only: undefined, isBailing: false, whenLoaded: () => undefined });
    const { mutantCoverage } = this.context;
    return result.status === DryRunStatus.Complete && mutantCoverage ? { ...result, mutantCoverage } : result;
  }

  async mutantRun(mutant: MutantRunOptions): Promise<MutantRunResult> {
    const { context } = this;
    const { hitLimit, disableBail } = mutant;
    delete context.activeMutant;
    if (mutant.mutantActivation === 'static') context.activeMutant = mutant.activeMutant.id;
    if (hitLimit !== undefined) Object.assign(context, { hitLimit, hitCount: 0 });
    const result = await this.run(mutant.sandboxFileName, {
      only: mutant.testFilter && new Set(mutant.testFilter),
      isBailing: !disableBail,
      whenLoaded: () => {
        context.activeMutant = mutant.activeMutant.id;
      },
    });
    const timeout = determineHitLimitReached(context.hitCount, context.hitLimit);
    delete context.hitCount;
    delete context.hitLimit;
    return toMutantRunResult(timeout ?? result, disableBail);
  }

  private async run(source: string | undefined, options: SpecRun): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const bundle of this.bundles.toSorted((one, other) => Number(other.isOf(source)) - Number(one.isOf(source)))) {
      if (options.only && !isReached(bundle, options.only)) continue;
      tests.push(
        ...(await runSpec(bundle, this.context, options).catch((error: unknown) => [failure(bundle, String(error))])),
      );
      if (options.isBailing && tests.some(({ status }) => status === TestStatus.Failed)) break;
    }
    return { status: DryRunStatus.Complete, tests };
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'spec', SpecRunner)];
