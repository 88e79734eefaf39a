import type { Form } from './form.js';

const MAX_PARTS = 20;
const LINE_END = '\r\n';

/** Reads `multipart/form-data` with at most one file, as browsers send it. What can't be read is left out. */
export function readMultipart(bytes: Buffer, boundary: string): Form {
  const fields = new Map<string, string>();
  let file: Form['file'];
  for (const part of partsOf(bytes, `--${boundary}`)) {
    const end = part.indexOf(LINE_END + LINE_END);
    if (end < 0) continue;
    const head = part.toString('utf8', 0, end);
    const content = part.subarray(end + 2 * LINE_END.length);
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    const fileName = /;\s*filename="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) continue;
    if (fileName === undefined) fields.set(name, content.toString('utf8'));
    else file = { name: fileName.slice(0, 200), content };
  }
  return { fields, ...(file ? { file } : {}) };
}

/** What lies between the boundaries, without the line ends around it. */
function partsOf(bytes: Buffer, delimiter: string): readonly Buffer[] {
  const parts: Buffer[] = [];
  let start = bytes.indexOf(delimiter);
  while (start >= 0 && parts.length < MAX_PARTS) {
    const from = start + delimiter.length + LINE_END.length;
    const next = bytes.indexOf(LINE_END + delimiter, from);
    if (next < 0) break;
    parts.push(bytes.subarray(from, next));
    start = next + LINE_END.length;
  }
  return parts;
}
