// `npm run test:fuzz`: sends mutated notifications to hosts of all kinds, and looks for one that is taken for what it is not.
import { parseArgs } from 'node:util';
import { readRecipe } from './grammar.js';
import { measureGrowth } from './growth.js';
import { HOST_MAKES, nameOf } from './host.js';
import { replay } from './minimal.js';
import { Report } from './report.js';
import { runRound } from './round.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    host: { type: 'string', default: '' },
    replay: { type: 'string' },
  },
});

const makes = HOST_MAKES.filter((make) => nameOf(make).includes(values.host));
/** Hosts keep what they are told: they are made anew after so many messages. */
const ROUND = 20_000;

try {
  if (values.replay !== undefined) await again(values.replay);
  else await fuzz(Number(values.messages), Date.now() + Number(values.minutes) * 60_000);
} catch (error) {
  // A mistake of the fuzzer's own; hosts may still listen.
  console.error(error);
  process.exit(2);
}

async function fuzz(messages: number, deadline: number): Promise<void> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
  const report = new Report(seed);
  process.on('unhandledRejection', (reason) => {
    report.unhandled(reason);
  });
  process.on('uncaughtException', (error) => {
    report.unhandled(error);
  });
  for (let from = 0; from < messages && Date.now() < deadline; from += ROUND) {
    report.add(await runRound(makes, seed, from, Math.min(ROUND, messages - from)));
    process.stderr.write(`${report.progress(messages)}\n`);
  }
  // Short runs are for `npm test`, where the specs beside the parsers measure growth.
  if (messages > ROUND) report.growth = await measureGrowth(makes);
  process.stdout.write(`${report.text()}\n`);
  process.exitCode = report.isClean ? 0 : 1;
}

async function again(text: string): Promise<void> {
  const recipe = readRecipe(text);
  for (const make of makes) {
    const findings = await replay(make, recipe);
    for (const { fault, detail } of findings) process.stdout.write(`${nameOf(make)}: ${fault}: ${detail}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
