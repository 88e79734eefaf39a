/** The fields of a form: a text, or a list of texts where a name is repeated. */
export type FormFields = Record<string, string | string[]>;

/** The fields of an urlencoded form; one that is repeated has a list. Takes time in proportion to the text, whatever is in it. */
export function parseForm(text: string): FormFields {
  try {
    return parsePairs(text, decodeURIComponent);
  } catch {
    return parsePairs(text, decodeAny);
  }
}

function parsePairs(text: string, unescape: (text: string) => string): FormFields {
  const decode = (part: string): string => {
    const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
    return spaced.includes('%') ? unescape(spaced) : spaced;
  };
  const fields: FormFields = {};
  let equals = -1;
  for (let start = 0; start < text.length;) {
    const end = nextOf('&', text, start);
    // The position is kept, so that pairs without one do not search the rest of the text again.
    if (equals < start) equals = nextOf('=', text, start);
    if (end > start) {
      const nameEnd = Math.min(equals, end);
      addField(fields, decode(text.slice(start, nameEnd)), decode(text.slice(nameEnd + 1, end)));
    }
    start = end + 1;
  }
  return fields;
}

/** Adds a value under its name, which may be any. */
export function addField(fields: FormFields, name: string, value: string): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (Array.isArray(before)) {
    before.push(value);
  } else if (name === '__proto__') {
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    fields[name] = before === undefined ? value : [before, value];
  }
}

function nextOf(separator: string, text: string, from: number): number {
  const place = text.indexOf(separator, from);
  return place === -1 ? text.length : place;
}

/**
 * Reads escapes as a browser would: what is none stays as it is, and what is no UTF-8 can be told by its U+FFFD. Throws
 * nothing, since a form may hold thousands of them, and an error takes longer than the rest.
 */
function decodeAny(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
