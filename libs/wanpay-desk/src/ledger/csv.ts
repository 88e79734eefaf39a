import { DeskProblem } from '../errors.js';
import { cleanText } from '../text.js';

/** What Excel needs to take a file for UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';
/** What a spreadsheet reads as a formula, also in full width, and digits that it would round or shorten. */
const NEEDS_TEXT = /^[\t\r\n]|^\s*[=+\-@＝＋－＠]|^0\d|^\d{12,}$/;
const NEEDS_QUOTES = /[",\r\n]/;
const MAX_ROWS = 20_000;
const MAX_COLUMNS = 500;
const MAX_CELL = 500;
/** How many spaces may precede a quote. The limit keeps the time for a file with many quotes small. */
const MAX_PADDING = 20;

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

/**
 * Reads a file as banks and spreadsheets write it: UTF-8, UTF-16 or Big5, with commas, semicolons or tabs.
 *
 * @throws DeskProblem when it has too many lines or columns, or a quote without an end, because comparing a part of a statement
 * would give wrong results
 */
export function readCsv(bytes: Uint8Array): readonly (readonly string[])[] {
  const text = decode(bytes).replaceAll(/\r\n?/g, '\n');
  const [firstLine = ''] = text.split('\n', 1);
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
  for (let i = 0; i < text.length && rows.length <= MAX_ROWS && row.length <= MAX_COLUMNS; i += 1) {
    const character = text[i] ?? '';
    if (isQuoted && character === '"' && text[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (character === '"' && (isQuoted || (cell.length <= MAX_PADDING && cell.trim() === ''))) {
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
  if (row.length <= MAX_COLUMNS && (cell !== '' || row.length > 0)) endRow();
  if (rows.length > MAX_ROWS) throw tooLong();
  if (isQuoted || row.length > MAX_COLUMNS) throw unreadable();
  return rows;
}

function unreadable(): DeskProblem {
  return new DeskProblem(400, {
    chinese: '對帳檔無法完整讀取：引號沒有結尾，或欄位太多。請確認它是 CSV 檔。',
    english:
      'The statement can’t be read to its end: a quote has no end, or there are too many columns. Is it a CSV file?',
  });
}

function tooLong(): DeskProblem {
  const most = MAX_ROWS.toLocaleString('en-US');
  return new DeskProblem(413, {
    chinese: `對帳檔超過 ${most} 行，請分成幾個檔案。`,
    english: `The statement has more than ${most} lines: divide it into several files.`,
  });
}

/** What was written to keep a spreadsheet from reading a number or a formula is no part of a cell. */
function clean(cell: string): string {
  return cleanText(
    cell
      .slice(0, 2 * MAX_CELL)
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
