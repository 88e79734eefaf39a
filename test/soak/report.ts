import type { Look } from './database.js';
import { type Growth, growthOf, type Measure } from './growth.js';
import { JUDGED_FROM_MINUTES, type Plan } from './plan.js';

const MB = 1e6;

/** What is printed of each minute. */
export interface Row extends Look {
  readonly minute: number;
  readonly seconds: number;
  readonly opened: number;
  readonly lag: { readonly p50: number; readonly p99: number };
  /** Of each process. */
  readonly residentBytes: readonly number[];
  /** What was done to a process. */
  readonly restarts: readonly string[];
}

/** What came of it all. */
export interface Totals {
  readonly opened: number;
  readonly refused: number;
  readonly heldBack: number;
  readonly notified: number;
  readonly acknowledged: number;
  readonly repeated: number;
  readonly givenUp: number;
  readonly silent: number;
  readonly queried: number;
  readonly restarts: number;
  /** Orders that are paid, with fewer effects than handlers. */
  readonly lost: number;
  /** Orders with more than one effect of the transactional handler. */
  readonly doubled: number;
  /** Orders with more than one effect of the plain handler, which is allowed. */
  readonly plainTwice: number;
  readonly pending: number;
  readonly dead: number;
}

const tableBytes = ({ tables }: Row): number => tables.reduce((sum, table) => sum + table.tableBytes, 0);
const indexBytes = ({ tables }: Row): number => tables.reduce((sum, table) => sum + table.indexBytes, 0);
const residentMb = ({ residentBytes }: Row): number => residentBytes.reduce((sum, bytes) => sum + bytes, 0) / MB;

/** Lags follow what else the machine does, hence their wide allowance. */
const MEASURES: readonly Measure<Row>[] = [
  { name: 'tables', unit: 'MB', of: (row) => tableBytes(row) / MB, atMostTimes: 1.2, atMostMore: 2 },
  { name: 'indexes', unit: 'MB', of: (row) => indexBytes(row) / MB, atMostTimes: 1.2, atMostMore: 2 },
  { name: 'memory of the processes', unit: 'MB', of: residentMb, atMostTimes: 1.2, atMostMore: 10 },
  { name: 'connections', unit: '', of: ({ connections }) => connections, atMostTimes: 1.2, atMostMore: 2 },
  { name: 'pending deliveries', unit: '', of: ({ pending }) => pending, atMostTimes: 2, atMostMore: 50 },
  { name: 'lag, p50', unit: 'ms', of: ({ lag }) => lag.p50, atMostTimes: 3, atMostMore: 10 },
];

const HEAD = [
  ...['minute', 'opened/s', 'paid/s', 'handled/s', 'lag p50', 'p99 ms', 'memory MB', 'connections', 'pending'],
  ...['tables+indexes MB (dead rows)', 'restarted'],
];
const WIDTHS = [6, 8, 6, 9, 7, 6, 11, 11, 7];

export const head = line(HEAD);

/** A row as it is printed. */
export function textOf(row: Row): string {
  const perSecond = (count: number): string => (count / row.seconds).toFixed(0);
  return line([
    row.minute.toFixed(1),
    ...[row.opened, row.paid, row.handled].map(perSecond),
    row.lag.p50.toFixed(1),
    row.lag.p99.toFixed(0),
    row.residentBytes.map((bytes) => (bytes / MB).toFixed(0)).join(' '),
    String(row.connections),
    String(row.pending),
    row.tables
      .map((each) => `${each.name} ${mb(each.tableBytes)}+${mb(each.indexBytes)} (${each.deadRows})`)
      .join(', '),
    row.restarts.join(', '),
  ]);
}

/** The end of the report, and whether all is well. */
export function verdictOf(
  plan: Plan,
  rows: readonly Row[],
  totals: Totals,
): { readonly text: string; readonly isClean: boolean } {
  const isJudged = plan.minutes >= JUDGED_FROM_MINUTES;
  const growths = growthOf(rows, MEASURES);
  const isWhole = [totals.lost, totals.doubled, totals.pending, totals.dead].every((count) => count === 0);
  const lines = [
    `${totals.opened} orders opened and paid, ${totals.refused} refused at restarts, ${totals.heldBack} held back`,
    `${totals.notified} notifications, ${totals.repeated} of them repeats; ${totals.acknowledged} acknowledged, ${totals.givenUp} given up`,
    `${totals.silent} orders paid without a notification; ${totals.queried} queries`,
    `${totals.restarts} restarts`,
    `${totals.lost} lost, ${totals.doubled} doubled; the plain handler ran twice for ${totals.plainTwice}`,
    `${totals.pending} deliveries pending, ${totals.dead} dead`,
    `medians of the second and the last quarter${isJudged ? '' : `, told only: the run is shorter than ${JUDGED_FROM_MINUTES} minutes`}:`,
    ...growths.map(growthLine),
  ];
  return { text: lines.join('\n'), isClean: isWhole && (!isJudged || growths.every(({ isWithin }) => isWithin)) };
}

function growthLine({ name, unit, second, last, most, isWithin }: Growth): string {
  const figures = [second, last, most].map((figure) => `${figure.toFixed(1)} ${unit}`.trim());
  return `  ${name}: ${figures[0]}, ${figures[1]}; at most ${figures[2]}${isWithin ? '' : ': it grows'}`;
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(1);
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padStart(WIDTHS[i] ?? 0))
    .join('  ')
    .trimEnd();
}
