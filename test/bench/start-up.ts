import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { alternate, milliseconds, type Rounds } from './measure.js';
import type { Bench, Note } from './plan.js';
import { compared, type Row, type RowHead } from './row.js';

const SCRIPT = fileURLToPath(new URL('./start-up/host.js', import.meta.url));
const RECORDER = new URL('./start-up/record-packages.js', import.meta.url).href;
const MORE_ROUNDS = 3;
/** A process takes up to a fifth longer or less than the one before, so a median needs this many. */
const LEAST_ROUNDS = 15;
const LOAD_PROTOCOL = {
  'ES modules': ['--input-type=module', '--eval', "import 'nestjs-wanpay/protocol'"],
  CommonJS: ['--eval', "require('nestjs-wanpay/protocol')"],
};

/** How long a host takes from its process's beginning until it listens, with the module and without. */
export const startUp: Bench = async ({ smoke, rounds: { warmUp, counted } }) => {
  const rounds = { warmUp, counted: smoke ? counted : Math.max(LEAST_ROUNDS, counted * MORE_ROUNDS) };
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
      ...(await protocolRows(rounds)),
    ],
    notes: smoke ? [] : [await packages()],
  };
};

/** How long `nestjs-wanpay/protocol` alone takes to load, beside the same process with nothing in it. */
async function protocolRows(rounds: Rounds): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [form, [...args]] of Object.entries(LOAD_PROTOCOL)) {
    const empty = [...args.slice(0, -1), ''];
    const [bare, loading] = await alternate(
      [empty, args].map((each) => () => milliseconds(() => output(each))),
      rounds,
    );
    const head = { what: `loading nestjs-wanpay/protocol, ${form}`, beside: 'an empty script', unit: 'ms' } as const;
    rows.push(compared({ ...head, target: { atMostMore: 5 } }, bare, loading));
  }
  return rows;
}

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
  return output([...execArgv, SCRIPT, ...parts]);
}

/** Runs Node.js where the library is found by its name; resolves with what it printed. */
async function output(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  return text(child.stdout);
}
