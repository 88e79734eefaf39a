import type { Spread } from './measure.js';
import { isReached, type Row, type Unit } from './row.js';

const HEAD = ['what', 'floor or peer', 'floor', 'measured', 'ratio', 'to reach', 'reached'];

/** The rows as a table for a terminal. */
export function toText(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [head = '', ...body] = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [head, widths.map((width) => '─'.repeat(width)).join('  '), ...body].join('\n');
}

/** The rows as a table in Markdown. */
export function toMarkdown(rows: readonly Row[]): string {
  return [HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellsOf(row: Row): readonly string[] {
  const { what, beside = '–', unit, floor, measured, ratio } = row;
  const reached = isReached(row);
  return [
    what,
    beside,
    floor ? figures(floor, unit) : '–',
    figures(measured, unit),
    ratio ? spread(ratio, (figure) => figure.toFixed(2)) : '–',
    targetOf(row),
    reached === undefined ? '–' : reached ? 'yes' : 'no',
  ];
}

function targetOf({ target, unit }: Row): string {
  if (!target) return 'told';
  if ('atLeast' in target) return `≥ ${target.atLeast}`;
  if ('atMost' in target) return `≤ ${target.atMost}`;
  return `≤ ${target.atMostMore} ${unit} more`;
}

function figures(of: Spread, unit: Unit): string {
  const text = spread(of, short);
  return unit === '/s' ? text.replace(/^\S+/, '$&/s') : text.replace(/^\S+/, `$& ${unit}`);
}

function spread({ median, min, max }: Spread, write: (figure: number) => string): string {
  return min === max ? write(median) : `${write(median)} (${write(min)}–${write(max)})`;
}

/** Three digits, and thousands set apart. */
function short(figure: number): string {
  const size = Math.abs(figure);
  if (size === 0 || !Number.isFinite(figure)) return String(figure);
  if (size < 100) return figure.toPrecision(3);
  return Number(figure.toPrecision(3)).toLocaleString('en');
}
