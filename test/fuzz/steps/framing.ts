import { type Draft, stepsOf } from '../draft.js';
import type { Random } from '../random.js';

/** The request as every client sends it. */
export function frame(draft: Draft): void {
  write(draft, [`Content-Length: ${draft.body.length}`], draft.body);
}

/** Requests whose length is told otherwise, wrongly, or not at all. */
export const FRAMING = [
  ...stepsOf('framing', true, {
    chunked: (draft, random) => {
      write(draft, ['Transfer-Encoding: chunked'], chunksOf(draft.body, random));
    },
    'chunked-with-trailer': (draft, random) => {
      const chunks = chunksOf(draft.body, random, ';x=y')
        .toString('latin1')
        .replace(/\r\n\r\n$/, '\r\nX-T: y\r\n\r\n');
      write(draft, ['Transfer-Encoding: chunked'], Buffer.from(chunks, 'latin1'));
    },
  }),
  ...stepsOf('framing', false, {
    'length-too-short': (draft, random) => {
      alone(draft, [`Content-Length: ${random.below(draft.body.length + 1)}`], draft.body);
    },
    'length-too-long': (draft, random) => {
      alone(draft, [`Content-Length: ${draft.body.length + 1 + random.below(20_000)}`], draft.body, true);
    },
    'breaks-off': (draft, random) => {
      const part = draft.body.subarray(0, random.below(draft.body.length + 1));
      alone(draft, [`Content-Length: ${draft.body.length + 1}`], part, true);
    },
    'breaks-off-in-chunks': (draft, random) => {
      const chunks = chunksOf(draft.body, random);
      alone(draft, ['Transfer-Encoding: chunked'], chunks.subarray(0, random.below(chunks.length)), true);
    },
    'no-length': (draft) => {
      alone(draft, [], draft.body, true);
    },
    'odd-length': (draft, random) => {
      const { length } = draft.body;
      const told = random.pick([
        `+${length}`,
        `-${length}`,
        `${length}.0`,
        `0x${length.toString(16)}`,
        '1e3',
        '',
        `${length},${length}`,
      ]);
      alone(draft, [`Content-Length: ${told}`], draft.body, true);
    },
    'two-lengths': (draft, random) => {
      const { length } = draft.body;
      alone(
        draft,
        [`Content-Length: ${length}`, `Content-Length: ${random.pick([length, 0, length + 1])}`],
        draft.body,
        true,
      );
    },
    'length-and-chunks': (draft, random) => {
      const lengths = [`Content-Length: ${draft.body.length}`, 'Transfer-Encoding: chunked'];
      alone(draft, random.chance(50) ? lengths : lengths.reverse(), chunksOf(draft.body, random), true);
    },
    'odd-transfer-encoding': (draft, random) => {
      const encoding = random.pick([
        'chunked, identity',
        'identity',
        'gzip, chunked',
        'xchunked',
        ' chunked',
        'Chunked\0',
        '',
      ]);
      alone(draft, [`Transfer-Encoding: ${encoding}`], chunksOf(draft.body, random), true);
    },
    'odd-chunks': (draft, random) => {
      const chunks = chunksOf(draft.body, random).toString('latin1');
      const odd = random.pick([
        chunks.replaceAll('\r\n', '\n'),
        `0\r\n\r\n${chunks}`,
        `ffffffffffffffff\r\n${chunks}`,
        `-1\r\n${chunks}`,
        chunks.replace(/0\r\n\r\n$/, ''),
      ]);
      alone(draft, ['Transfer-Encoding: chunked'], Buffer.from(odd, 'latin1'), true);
    },
  }),
];

function alone(draft: Draft, lengths: readonly string[], body: Buffer, hangsUp = false): void {
  draft.isAlone = true;
  draft.hangsUp = hangsUp;
  write(draft, lengths, body);
}

function write(draft: Draft, lengths: readonly string[], body: Buffer): void {
  const { method, target, type, packing, headers } = draft;
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...(packing === undefined ? [] : [`Content-Encoding: ${packing}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...lengths,
  ];
  draft.request = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function chunksOf(body: Buffer, random: Random, extension = ''): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const chunk = body.subarray(at, at + 1 + random.below(Math.min(200, body.length) + 1));
    chunks.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
