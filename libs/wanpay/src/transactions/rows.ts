import type { HostRow, HostTransactions } from '../ledger/host-transactions.js';

/** How a statement runs in a transaction of one tool. */
export type QueryIn<Client> = HostTransactions<Client>['query'];

/** The rows in what tools give back: a list of rows, a result with `rows` (pg), or rows and fields (mysql2). */
export function rowsOf(result: unknown): readonly HostRow[] {
  if (typeof result === 'object' && result !== null && 'rows' in result) return rowsOf(result.rows);
  if (!Array.isArray(result)) return [];
  const given: readonly unknown[] = result;
  const [first] = given;
  return Array.isArray(first) ? rowsOf(first) : given.filter(isRow);
}

function isRow(value: unknown): value is HostRow {
  return typeof value === 'object' && value !== null;
}

/** The statement with `?` for each value, where a tool has placeholders of its own and writes those of the server itself. */
export function withQuestionMarks(
  text: string,
  values: readonly (string | null)[],
): { readonly text: string; readonly values: readonly (string | null)[] } {
  const inOrder: (string | null)[] = [];
  const rewritten = text.replaceAll(/\$(\d+)/g, (_, place: string) => {
    inOrder.push(values[Number(place) - 1] ?? null);
    return '?';
  });
  return inOrder.length === 0 ? { text, values } : { text: rewritten, values: inOrder };
}
