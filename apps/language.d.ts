/** Returns a text in the language of the reader's system. */
export function sayIn(env: Readonly<Record<string, string | undefined>>): (english: string, chinese: string) => string;
