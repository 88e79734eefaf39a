/** Takes two places: Chinese, Japanese and Korean characters, their punctuation and full-width forms. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const ENDS_WIDE = new RegExp(`${WIDE.source}$`, 'u');
/** A line may break at white space, and before a wide character that is no closing punctuation. */
const PIECES = /\s+|[^\s]/gu;
const CLOSING = /[\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f\u300d\u300f\u3011]/u;
/** Where the last column begins, and what marks a piece of advice or a finding in it. */
const HANGING = /^(?:(?:.*\S)? {2,}(?=\S))?(?:[→✓✗!-] +)?/u;
const SHALLOW = 4;

/** How many places a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** Breaks lines that are longer than a terminal is wide, at words; what follows is indented like the line's last column. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => (displayWidth(line) <= width ? [line] : wrapLine(line, width)))
    .join('\n');
}

function wrapLine(line: string, width: number): readonly string[] {
  const [head = ''] = HANGING.exec(line) ?? [];
  const depth = displayWidth(head);
  const indent = ' '.repeat(depth * 2 <= width ? depth : SHALLOW);
  const lines: string[] = [];
  let current = head;
  let isEmpty = true;
  for (const word of wordsOf(line.slice(head.length))) {
    if (!isEmpty && displayWidth(current) + displayWidth(word.trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += word;
    isEmpty = false;
  }
  return [...lines, current.trimEnd()];
}

/** Pieces between which a line may break, each with the white space behind it. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [piece] of text.matchAll(PIECES)) {
    const last = words.at(-1);
    const begins = last === undefined || (/\s$/.test(last) ? /\S/.test(piece) : isBreak(last, piece));
    if (begins) words.push(piece);
    else words.push(`${words.pop()}${piece}`);
  }
  return words;
}

function isBreak(before: string, piece: string): boolean {
  if (/^\s/.test(piece) || CLOSING.test(piece)) return false;
  return WIDE.test(piece) || ENDS_WIDE.test(before);
}
