/** A text in each of the languages. */
export interface Wording {
  readonly chinese: string;
  readonly english: string;
}

/** A text that every store and every page can hold: without control characters, without halves of characters, and not too long. */
export function cleanText(text: string, longest: number): string {
  const plain = text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longest);
  // Halves of characters have no form in UTF-8, and come back as a mark.
  return Buffer.from(plain).toString();
}
