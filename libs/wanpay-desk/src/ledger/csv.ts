import { cleanText } from '../text.js';

/** What Excel needs to take a file for UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';
/** What a spreadsheet takes for the beginning of a formula, and digits that it would round or shorten. */
const NEEDS_TEXT = /^[=+\-@\t\r\n]|^0\d|^\d{12,}$/;
const NEEDS_QUOTES = /[",\r\n]/;
const MAX_ROWS = 20_000;
const MAX_CELL = 500;

/** One line of a file, in which a number stays a number, and no text becomes a formula. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

/** A file made line by line. */
export async function* csvFile(
  head: readonly string[],
  rows: AsyncIterable<readonly (string | number | undefined)[]>,
): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(head);
  for await (const row of rows) yield csvLine(row);
}

function toCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' && NEEDS_TEXT.test(value) ? `'${value}` : String(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Reads a file as banks and spreadsheets write it: UTF-8, UTF-16 or Big5, with commas, semicolons or tabs. */
export function readCsv(bytes: Uint8Array): readonly (readonly string[])[] {
  const text = decode(bytes);
  const [firstLine = ''] = text.split(/\r?\n/, 1);
  const separator =
    [',', ';', '\t'].toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = (): void => {
    row.push(clean(cell));
    if (row.some((each) => each !== '')) rows.push(row);
    [row, cell] = [[], ''];
  };
  for (let i = 0; i < text.length && rows.length < MAX_ROWS; i += 1) {
    const character = text[i] ?? '';
    if (isQuoted && character === '"' && text[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (character === '"' && (isQuoted || cell.trim() === '')) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && character === separator) {
      row.push(clean(cell));
      cell = '';
    } else if (!isQuoted && character === '\n') {
      endRow();
    } else {
      cell += character;
    }
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}

/** What was written to keep a spreadsheet from reading a number or a formula is no part of a cell. */
function clean(cell: string): string {
  return cleanText(
    cell
      .trim()
      .replace(/^'/, '')
      .replace(/^="(.*)"$/, '$1'),
    MAX_CELL,
  );
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('big5').decode(bytes);
  }
}
