import type { IncomingMessage } from 'node:http';

/** The name that was typed beside the desk's password. Nobody checks it: a real shop has a login for each person. */
export function deskUser({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const [, encoded = ''] = /^Basic ([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
  const [name = ''] = Buffer.from(encoded, 'base64').toString().split(':', 1);
  return name === '' ? undefined : name;
}
