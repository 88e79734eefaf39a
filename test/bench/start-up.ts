import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { alternate, milliseconds } from './measure.js';
import type { Bench, Note } from './plan.js';
import { compared, type RowHead } from './row.js';

const SCRIPT = fileURLToPath(new URL('./start-up/host.js', import.meta.url));
const RECORDER = new URL('./start-up/record-packages.js', import.meta.url).href;
const MORE_ROUNDS = 3;

/** How long a host takes from its process's beginning until it listens, with the module and without. */
export const startUp: Bench = async ({ smoke, rounds: { warmUp, counted } }) => {
  const rounds = { warmUp, counted: smoke ? counted : counted * MORE_ROUNDS };
  const makes = [[], ['module'], ['packages'], ['packages', 'module'], ['stack'], ['stack', 'module']];
  const [bare, withModule, loaded, loadedWithModule, equipped, equippedWithModule] = await alternate(
    makes.map((parts) => () => milliseconds(() => run([], parts))),
    rounds,
  );
  const head = (what: string): RowHead => ({ what, beside: 'the same host without', unit: 'ms' });
  const withTarget = { ...head('start-up of a host with the module'), target: { atMostMore: 100 } };
  const loads = '– of one that loads axios, @nestjs/config and class-validator, with the module';
  const uses = '– of one that has ConfigModule, HttpModule and a ValidationPipe, with the module';
  return {
    rows: [
      compared(withTarget, bare, withModule),
      compared(head(loads), loaded, loadedWithModule),
      compared({ ...head(uses), target: { atMostMore: 25 } }, equipped, equippedWithModule),
    ],
    notes: smoke ? [] : [await packages()],
  };
};

/** Which packages the module makes the host load that it had not loaded without. */
async function packages(): Promise<Note> {
  const [without, withModule] = await Promise.all(
    [[], ['module']].map(async (parts) => new Map(linesOf(await run(['--import', RECORDER], parts)))),
  );
  const more = [...(withModule ?? [])]
    .map(([name, files]): [string, number] => [name, files - (without?.get(name) ?? 0)])
    .filter(([, files]) => files > 0);
  return {
    title: 'Packages loaded at start-up because of the module, and files of each',
    lines: more.sort((a, b) => b[1] - a[1]).map(([name, files]) => `${String(files).padStart(5)} ${name}`),
  };
}

function linesOf(output: string): readonly [string, number][] {
  return output
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', files = '']) => [name, Number(files)]);
}

/** Runs a host, which ends by itself once it listens; resolves with what it printed. */
async function run(execArgv: readonly string[], parts: readonly string[]): Promise<string> {
  const host = spawn(process.execPath, [...execArgv, SCRIPT, ...parts], { stdio: ['ignore', 'pipe', 'inherit'] });
  return text(host.stdout);
}
