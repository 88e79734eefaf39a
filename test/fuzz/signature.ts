import { hash } from 'node:crypto';
import type { Pair } from './world.js';

/** The signature of 2.3, written once more: straight from the document, and slow. */
export function signatureOf(fields: readonly Pair[], key: string): string {
  return md5(`${textOf(fields)}&key=${key}`);
}

/** What is signed, without the key. */
export function textOf(fields: readonly Pair[]): string {
  const given = fields.filter(([name, value]) => name !== 'sign' && value !== '');
  given.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return given.map(([name, value]) => `${name}=${value}`).join('&');
}

export function md5(text: string): string {
  return hash('md5', Buffer.from(text, 'utf8'), 'hex').toUpperCase();
}
