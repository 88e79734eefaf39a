import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Fields } from 'nestjs-wanpay/protocol';
import { listening } from './listening.js';

/** A platform that misbehaves in ways that no emulator should. */
export interface FakePlatform {
  readonly baseUrl: string;
  /** The fields of each request, in order. */
  readonly requests: readonly Fields[];
}

/** @param answer answers a request, or leaves it without an answer */
export async function startFakePlatform(
  answer: (response: ServerResponse, path: string) => void,
): Promise<FakePlatform> {
  const requests: Fields[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push(Object.fromEntries(new URLSearchParams(body)));
      answer(response, request.url ?? '');
    });
  });
  return { baseUrl: `http://127.0.0.1:${await listening(server)}/wxzfservice`, requests };
}
