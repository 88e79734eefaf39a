import { type Draft, stepsOf } from '../draft.js';
import type { Random } from '../random.js';
import type { Pair } from '../world.js';

export const JSON_TYPE = 'application/json';
/** A number that JSON can write just so. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** Bodies in JSON, and what calls itself so. */
export const JSONS = [
  ...stepsOf('encoding', true, {
    json: (draft) => {
      setJson(draft, objectOf(draft.sent));
    },
    'json-of-other-type': (draft, random) => {
      setJson(draft, objectOf(draft.sent));
      draft.type = random.pick([
        undefined,
        'text/plain',
        'text/json',
        'application/vnd.x+json',
        'application/JSON;charset="UTF-8"',
      ]);
    },
    'json-numbers': (draft) => {
      setJson(
        draft,
        objectOf(draft.sent, (value) => (NUMBER.test(value) ? value : quote(value))),
      );
    },
    'json-escapes': (draft) => {
      setJson(draft, objectOf(draft.sent, escapeAll, escapeAll));
    },
    'json-spaces': (draft) => {
      setJson(draft, ` \n\t${objectOf(draft.sent).replaceAll('":"', '" :\r\n"')}\n `);
    },
    'json-with-mark': (draft) => {
      setJson(draft, `\ufeff${objectOf(draft.sent)}`);
    },
    'json-null-for-empty': (draft) => {
      setJson(
        draft,
        objectOf(draft.sent, (value) => (value === '' ? 'null' : quote(value))),
      );
    },
  }),
  ...stepsOf('encoding', false, {
    'json-odd-numbers': (draft, random) => {
      setJson(
        draft,
        objectOf(draft.sent, (value) => (/^\d+$/.test(value) ? oddNumber(value, random) : quote(value))),
      );
    },
    'json-values-of-other-types': (draft, random) => {
      const at = random.below(draft.sent.length);
      setJson(
        draft,
        objectOf(draft.sent, (value, i) => (i === at ? oddValue(value, random) : quote(value))),
      );
    },
    'json-names-repeated': (draft, random) => {
      const [name, value] = random.pick(draft.sent);
      const again: Pair = [name, random.pick([value, '', '0000', '1', '\0'])];
      const key = random.pick([quote(name), escapeAll(name)]);
      const member = `${key}:${random.pick([quote(again[1]), 'null', '0', '{}', '[]'])}`;
      const members = draft.sent.map(memberOf);
      setJson(draft, `{${(random.chance(50) ? [...members, member] : [member, ...members]).join(',')}}`);
    },
    'json-nested': (draft, random) => {
      const text = objectOf(draft.sent);
      setJson(
        draft,
        random.pick([`[${text}]`, `{"data":${text}}`, `{"":${text}}`, `{"__proto__":${text}}`, quote(text)]),
      );
    },
    'json-prototype': (draft, random) => {
      const name = random.pick(['__proto__', '\\u005f_proto__', 'constructor', 'prototype']);
      const value = random.pick(['"x"', 'null', '{}', '{"status":"0000"}', objectOf(draft.sent)]);
      setJson(draft, objectOf(draft.sent).replace('{', `{"${name}":${value},`));
    },
    'json-all-by-prototype': (draft) => {
      setJson(draft, `{"__proto__":${objectOf(draft.sent)}}`);
    },
    'json-broken': (draft, random) => {
      const text = objectOf(draft.sent);
      setJson(
        draft,
        random.pick([
          text.slice(0, random.below(text.length)),
          `${text}}`,
          text + text,
          text.replaceAll('"', "'"),
          text.replace(/}$/, ',}'),
          `/* */${text}`,
          `)]}'\n${text}`,
          text.replaceAll(':"', ': "').replaceAll('"', '“'),
          `${text}\0`,
        ]),
      );
    },
    'json-deep': (draft, random) => {
      const depth = random.pick([100, 2000, 5000]);
      setJson(draft, objectOf(draft.sent).replace('{', `{"x":${'['.repeat(depth)}${']'.repeat(depth)},`));
    },
    'json-raw-controls': (draft) => {
      setJson(draft, `{${draft.sent.map(([name, value]) => `"${name}":"${value}"`).join(',')}}`);
    },
    'json-bytes': (draft, random) => {
      const text = objectOf(draft.sent);
      const place = random.below(text.length);
      setJson(draft, text.slice(0, place) + random.pick(['\xff', '\xed\xa0\x80', '\0']) + text.slice(place), 'latin1');
    },
    'json-in-utf16': (draft) => {
      setJson(draft, `\ufeff${objectOf(draft.sent)}`, 'utf16le');
    },
    'json-alone': (draft, random) => {
      setJson(draft, random.pick(['', 'null', '0', 'true', '"a=b"', '[]', '{}', '""', '{', '[[', '-', '"', '1e999']));
    },
    'json-called-otherwise': (draft, random) => {
      setJson(draft, objectOf(draft.sent));
      draft.type = random.pick([
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary={',
        'application/xml',
        '+json',
      ]);
    },
  }),
];

function setJson(draft: Draft, text: string, encoding: BufferEncoding = 'utf8'): void {
  draft.type = JSON_TYPE;
  draft.body = Buffer.from(text, encoding);
}

function objectOf(
  pairs: readonly Pair[],
  write: (value: string, place: number) => string = quote,
  writeName: (name: string) => string = quote,
): string {
  return `{${pairs.map(([name, value], i) => `${writeName(name)}:${write(value, i)}`).join(',')}}`;
}

function memberOf([name, value]: Pair): string {
  return `${quote(name)}:${quote(value)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function escapeAll(text: string): string {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}

function oddNumber(digits: string, random: Random): string {
  return random.pick([
    ...[digits, `${digits}.0`, `${digits}.00`, `${digits}e0`, `${digits}E+0`, `-${digits}`, `0${digits}`, `+${digits}`],
    ...[
      `${digits.slice(0, 1)}.${digits.slice(1)}0e${digits.length - 1}`,
      `${digits}00e-2`,
      `0x${digits}`,
      `${digits}n`,
    ],
    ...[`${digits}.`, `.${digits}`, '1e400', '-0', 'NaN', 'Infinity'],
  ]);
}

function oddValue(value: string, random: Random): string {
  const text = quote(value);
  return random.pick([
    ...['null', 'true', 'false', '{}', '[]', `[${text}]`, `{"a":${text}}`, `[${text},${text}]`, '0', '""', 'undefined'],
    ...[
      `{"isLosslessNumber":true,"value":${text}}`,
      `{"toString":${text}}`,
      `{"length":${value.length}}`,
      `{"__proto__":${text}}`,
    ],
  ]);
}
