import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { type Draft, stepsOf } from '../draft.js';

const FAST = { level: 1 };
const FAST_BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const LIMIT = 16 * 1024;

/** Bodies that are compressed, well or badly. */
export const PACKING = [
  ...stepsOf('packing', true, {
    gzip: (draft, random) => {
      pack(draft, random.pick(['gzip', 'GZip', 'x-gzip', ' gzip ']), gzipSync(draft.body, FAST));
    },
    deflate: (draft) => {
      pack(draft, 'deflate', deflateSync(draft.body, FAST));
    },
    brotli: (draft) => {
      pack(draft, 'br', brotliCompressSync(draft.body, FAST_BROTLI));
    },
    identity: (draft, random) => {
      pack(draft, random.pick(['identity', 'Identity', '']), draft.body);
    },
  }),
  ...stepsOf('packing', false, {
    'raw-deflate': (draft) => {
      pack(draft, 'deflate', deflateRawSync(draft.body, FAST));
    },
    'packed-twice': (draft, random) => {
      pack(draft, random.pick(['gzip', 'gzip, gzip']), gzipSync(gzipSync(draft.body, FAST), FAST));
    },
    'packed-and-cut': (draft, random) => {
      const packed = gzipSync(draft.body, FAST);
      pack(draft, 'gzip', packed.subarray(0, random.below(packed.length)));
    },
    'packed-in-parts': (draft, random) => {
      const cut = random.below(draft.body.length + 1);
      const parts = [draft.body.subarray(0, cut), draft.body.subarray(cut)].map((part) => gzipSync(part, FAST));
      pack(draft, 'gzip', Buffer.concat([...parts, Buffer.from(random.pick(['', 'x', '\0', '\x1f\x8b']), 'latin1')]));
    },
    'packed-and-changed': (draft, random) => {
      const packed = Buffer.from(gzipSync(draft.body, FAST));
      packed[random.below(packed.length)] = random.below(256);
      pack(draft, 'gzip', packed);
    },
    'called-packed': (draft, random) => {
      pack(
        draft,
        random.pick(['gzip', 'br', 'deflate', 'zstd', 'compress', 'constructor', '__proto__', 'gzip,', '\t']),
        draft.body,
      );
    },
    'not-called-packed': (draft) => {
      pack(draft, undefined, gzipSync(draft.body, FAST));
    },
    bomb: (draft, random) => {
      const size = random.pick([LIMIT, LIMIT + 1, 4 * 1024 * 1024]);
      pack(draft, 'gzip', gzipSync(Buffer.concat([draft.body, Buffer.alloc(size, '&')]), FAST));
    },
    padded: (draft, random) => {
      const length = random.pick([LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, 120_000]);
      draft.body = Buffer.concat([
        draft.body,
        Buffer.alloc(Math.max(0, length - draft.body.length), random.pick(['&', ' ', '\0'])),
      ]);
    },
  }),
];

function pack(draft: Draft, encoding: string | undefined, body: Buffer): void {
  draft.packing = encoding;
  draft.body = body;
}
