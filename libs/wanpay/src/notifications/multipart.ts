import busboy from 'busboy';
import { addField, type FormFields } from './form.js';

/**
 * The fields of a multipart form; one that is repeated has a list.
 *
 * @param type the Content-Type, with the boundary
 * @throws Error when it is none, breaks off or holds a file
 */
export function parseMultipart(bytes: Buffer, type: string): Promise<FormFields> {
  return new Promise((resolve, reject) => {
    const fields: FormFields = {};
    const limits = { fieldNameSize: bytes.length };
    const parser = busboy({ headers: { 'content-type': type }, defParamCharset: 'utf8', limits });
    parser.on('field', (name: string | undefined, value) => {
      addField(fields, name ?? '', value);
    });
    parser.on('file', (_name, file) => {
      file.resume();
      reject(new Error('A notification holds no file.'));
    });
    parser.on('error', reject);
    parser.on('close', () => {
      resolve(fields);
    });
    parser.end(bytes);
  });
}
