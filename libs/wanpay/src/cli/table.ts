import CliTable, { type CharName } from 'cli-table3';

const LINES: readonly CharName[] = [
  ...(['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'] as const),
  ...(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const),
];
const CHARS: Partial<Record<CharName, string>> = {
  ...Object.fromEntries(LINES.map((name) => [name, ''])),
  middle: '  ',
};
const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };

/** Columns without lines between them, as wide as what is in them: a Chinese character takes two places. */
export function table(
  rows: readonly (readonly string[])[],
  { indent = '' }: { readonly indent?: string } = {},
): string {
  const columns = new CliTable({ chars: CHARS, style: STYLE });
  for (const row of rows) columns.push([...row]);
  return columns
    .toString()
    .split('\n')
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n');
}
