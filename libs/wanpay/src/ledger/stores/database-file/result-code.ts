/** SQLite's primary result codes, as far as they are told apart. */
const CODES = { BUSY: 5, LOCKED: 6, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

export type ResultCode = keyof typeof CODES;

/** The primary result code of an error of SQLite's. Each driver passes it on in its own way: by name, or as a number. */
export function resultCodeOf(error: unknown): ResultCode | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, errcode, rawCode }: { code?: unknown; errcode?: unknown; rawCode?: unknown } = error;
  const name = /^SQLITE_([A-Z]+)/.exec(String(code))?.[1];
  const known = Object.keys(CODES).filter(isResultCode);
  // The low byte of an extended code is the primary one.
  return known.find((each) => each === name || CODES[each] === (Number(errcode ?? rawCode) & 0xff));
}

function isResultCode(name: string): name is ResultCode {
  return name in CODES;
}
