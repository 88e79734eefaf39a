import busboy from 'busboy';
import { addField, type FormFields } from './form.js';

/** `--x`, a line end, a header with a name, an empty line, and the line end after the value: no part is shorter. */
const SHORTEST_PART = 48;

/**
 * The fields of a multipart form; one that is repeated has a list.
 *
 * @param type the Content-Type, with the boundary
 * @throws Error when it is none, breaks off or holds a file
 */
export function parseMultipart(bytes: Buffer, type: string): Promise<FormFields> {
  return new Promise((resolve, reject) => {
    const fields: FormFields = {};
    // What has more parts than fit has parts that are empty, each of which takes as long to read as a whole one.
    const limits = { fieldNameSize: bytes.length, parts: Math.floor(bytes.length / SHORTEST_PART) + 1 };
    const parser = busboy({ headers: { 'content-type': type }, defParamCharset: 'utf8', limits });
    parser.on('field', (name: string | undefined, value) => {
      addField(fields, name ?? '', value);
    });
    parser.on('file', (_name, file) => {
      // A file that breaks off raises an error of its own, which would end the process if nobody listened.
      file.on('error', reject).resume();
      reject(new Error('A notification holds no file.'));
    });
    parser.on('partsLimit', () => {
      reject(new Error('A multipart form has no empty parts.'));
    });
    parser.on('error', reject);
    parser.on('close', () => {
      resolve(fields);
    });
    parser.end(bytes);
  });
}
