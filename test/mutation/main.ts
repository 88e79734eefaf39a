import { parseArgs } from 'node:util';
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { SCOPES } from './scopes.js';

/**
 * Mutates the code of the scopes that are named, or of all, and fails where tests notice less than nine of ten mutants.
 *
 *     npm run test:mutation -- [scope …] [--mutate file[:from-to]] [--force]
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { mutate: { type: 'string', short: 'm', multiple: true }, force: { type: 'boolean', default: false } },
});
if (values.mutate && positionals.length !== 1)
  throw new Error('With --mutate, name the scope whose specs are to notice.');
for (const name of positionals.length > 0 ? positionals : Object.keys(SCOPES)) {
  const scope = SCOPES[name];
  if (!scope) throw new Error(`There is no scope "${name}"; there are ${Object.keys(SCOPES).join(', ')}.`);
  console.log(`\n${name}`);
  const options: PartialStrykerOptions = {
    configFile: 'test/mutation/stryker.config.json',
    mutate: values.mutate ?? [...scope.mutate],
    specs: [...scope.specs],
    force: values.force,
    incrementalFile: `.stryker-tmp/${name}.json`,
  };
  await new Stryker(options).runMutationTest();
}
