import { type Draft, stepsOf } from '../draft.js';
import type { Pair } from '../world.js';

const BOUNDARY = '----fuzz7MA4YWxk';

/** Multipart forms, and what calls itself so. */
export const MULTIPARTS = [
  ...stepsOf('encoding', true, {
    multipart: (draft) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
    },
    'multipart-as-java-writes-it': (draft) => {
      const more = 'Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n';
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair, { more })),
      );
    },
    'multipart-of-no-type': (draft) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      draft.type = undefined;
    },
  }),
  ...stepsOf('encoding', false, {
    'multipart-file': (draft, random) => {
      const at = random.below(draft.sent.length);
      setParts(
        draft,
        draft.sent.map((pair, i) => partOf(pair, i === at ? { disposition: '; filename="a.txt"' } : {})),
      );
    },
    'multipart-other-encoding': (draft, random) => {
      const more = `Content-Transfer-Encoding: ${random.pick(['base64', 'quoted-printable', 'binary'])}\r\n`;
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair, { more })),
      );
    },
    'multipart-other-charset': (draft, random) => {
      const more = `Content-Type: text/plain; charset=${random.pick(['big5', 'utf-16le', 'latin1', 'utf-7', 'x'])}\r\n`;
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair, { more })),
      );
    },
    'multipart-repeated-headers': (draft, random) => {
      const more = `Content-Disposition: form-data; name="${random.pick(['status', 'sign', 'x', '__proto__'])}"\r\n`;
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair, { more })),
      );
    },
    'multipart-names-twice': (draft) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair, { disposition: '; name="status"; name*=UTF-8\'\'x' })),
      );
    },
    'multipart-nameless': (draft) => {
      setParts(draft, [...draft.sent.map((pair) => partOf(pair)), 'Content-Disposition: form-data\r\n\r\nx']);
    },
    'multipart-line-feeds': (draft) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      draft.body = Buffer.from(draft.body.toString().replaceAll('\r\n', '\n'));
    },
    'multipart-cut': (draft, random) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      draft.body = draft.body.subarray(0, random.below(draft.body.length));
    },
    'multipart-file-cut': (draft, random) => {
      const file = partOf(['result', 'x'.repeat(50)], { disposition: '; filename="a.txt"' });
      setParts(draft, [...draft.sent.map((pair) => partOf(pair)), file]);
      draft.body = draft.body.subarray(0, -1 - random.below(200));
    },
    'multipart-other-boundary': (draft, random) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      const boundary = random.pick(['x', '', `${BOUNDARY}x`, BOUNDARY.slice(1), `"${BOUNDARY}`, 'x'.repeat(300)]);
      draft.type = `multipart/form-data; boundary=${boundary}`;
    },
    'multipart-around-it': (draft) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      draft.body = Buffer.concat([Buffer.from('orgno=1\r\n'), draft.body, Buffer.from('&status=0000')]);
    },
    'multipart-of-other-kind': (draft, random) => {
      setParts(
        draft,
        draft.sent.map((pair) => partOf(pair)),
      );
      draft.type = `multipart/${random.pick(['mixed', 'related', 'alternative', 'x'])}; boundary=${BOUNDARY}`;
    },
  }),
];

function setParts(draft: Draft, parts: readonly string[]): void {
  draft.type = `multipart/form-data; boundary=${BOUNDARY}`;
  draft.body = Buffer.from(`${parts.map((part) => `--${BOUNDARY}\r\n${part}\r\n`).join('')}--${BOUNDARY}--\r\n`);
  // How quotes and line ends in a name are written is nobody's rule.
  if (draft.sent.some(([name]) => !/^[\p{L}\p{N}_.~-]+$/u.test(name))) draft.isFair = false;
}

function partOf([name, value]: Pair, { disposition = '', more = '' } = {}): string {
  return `Content-Disposition: form-data; name="${name}"${disposition}\r\n${more}\r\n${value}`;
}
