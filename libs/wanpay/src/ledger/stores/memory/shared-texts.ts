const MOST = 1000;
const LONGEST = 64;
const texts = new Map<string, string>();

/** Returns one string for all orders with the same text, such as a bank's code. Each message brings a string of its own. */
export function shared(text: string): string {
  if (text.length > LONGEST) return text;
  const known = texts.get(text);
  if (known !== undefined) return known;
  // Bounded, because strangers and shops choose some of the texts.
  if (texts.size >= MOST) texts.clear();
  texts.set(text, text);
  return text;
}

/** The properties of an object that are not kept in fields; undefined if there are none. */
export function restOf<Of extends object>(from: Of, kept: ReadonlySet<string>): Partial<Of> | undefined {
  let rest: Partial<Of> | undefined;
  for (const name in from) {
    if (kept.has(name)) continue;
    rest ??= {};
    rest[name] = from[name];
  }
  return rest;
}
