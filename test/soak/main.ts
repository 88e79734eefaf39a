// `npm run test:soak`: orders at a steady rate over PostgreSQL, through processes that are restarted, for an hour or as long as
// `--minutes` says; a row each minute, and an exit code of 1 when something was lost, doubled or grew.
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.js';
import { JUDGED_FROM_MINUTES, planOf, PROCESSES } from './plan.js';
import { head, type Row, textOf, verdictOf } from './report.js';
import { soak } from './soak.js';

const LONGEST_MINUTES = 24 * 60;
const MOST_PER_SECOND = 2000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: process.env.SOAK_MINUTES ?? '60' },
    'orders-per-second': { type: 'string', default: process.env.SOAK_ORDERS_PER_SECOND ?? '200' },
  },
});
const plan = planOf(
  within('--minutes', values.minutes, LONGEST_MINUTES),
  within('--orders-per-second', values['orders-per-second'], MOST_PER_SECOND),
);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted.abort();
  });
}

const rows: Row[] = [];
print(
  `${plan.ordersPerSecond} orders a second for ${plan.minutes} minutes, ${PROCESSES} processes, a restart every ` +
    `${plan.restartSeconds.toFixed(0)} seconds; paid payments are purged after ${plan.keepSeconds.toFixed(0)} seconds`,
);
for (const line of await describeMachine(undefined)) print(line);
print(head);
try {
  const totals = await soak(plan, add, interrupted.signal);
  const { text, isClean } = verdictOf(plan, rows, totals);
  print(text);
  const isGrowthJudged = plan.minutes >= JUDGED_FROM_MINUTES;
  const clean = isGrowthJudged ? 'nothing lost, doubled or grown' : 'nothing lost or doubled';
  print(isClean ? clean : 'not clean');
  if (!isGrowthJudged) print(`Growth is judged in runs of at least ${JUDGED_FROM_MINUTES} minutes.`);
  process.exitCode = isClean ? 0 : 1;
} catch (error) {
  if (!interrupted.signal.aborted) console.error(error);
  process.exitCode = interrupted.signal.aborted ? 130 : 2;
}

function add(row: Row): void {
  rows.push(row);
  print(textOf(row));
}

function within(option: string, text: string, most: number): number {
  const number = Number(text);
  if (number > 0 && number <= most) return number;
  throw new RangeError(`${option} must be a number above 0 and at most ${most}.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
