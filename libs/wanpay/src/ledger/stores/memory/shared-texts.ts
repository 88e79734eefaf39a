const MOST = 1000;
const LONGEST = 64;
const texts = new Map<string, string>();

/** The same text, once for all orders that have it, such as a bank's name: each message brings one of its own. */
export function shared(text: string): string {
  if (text.length > LONGEST) return text;
  const known = texts.get(text);
  if (known !== undefined) return known;
  // Bounded, since strangers and shops choose some of them.
  if (texts.size >= MOST) texts.clear();
  texts.set(text, text);
  return text;
}

/** What an object has besides what is kept in fields; undefined where that is nothing. */
export function restOf<Of extends object>(from: Of, kept: ReadonlySet<string>): Partial<Of> | undefined {
  let rest: Partial<Of> | undefined;
  for (const name in from) {
    if (kept.has(name)) continue;
    rest ??= {};
    rest[name] = from[name];
  }
  return rest;
}
