import { type Draft, stepsOf } from '../draft.js';
import type { Random } from '../random.js';
import type { Pair } from '../world.js';

export const FORM = 'application/x-www-form-urlencoded';

/** A form as the platform sends it. */
export function encodeForm(draft: Draft): void {
  setForm(draft, draft.sent.map(joined(standard)).join('&'));
}

/** Forms whose escapes, separators and names are written otherwise. */
export const FORMS = [
  ...stepsOf('encoding', true, {
    'form-lower-case-escapes': (draft) => {
      setForm(draft, draft.sent.map(joined((text) => standard(text).replaceAll(/%../g, lower))).join('&'));
    },
    'form-all-escaped': (draft) => {
      setForm(draft, draft.sent.map(joined(escapeAll)).join('&'));
    },
    'form-%20': (draft) => {
      setForm(draft, draft.sent.map(joined((text) => standard(text).replaceAll('+', '%20'))).join('&'));
    },
    'form-least-escaped': (draft) => {
      setForm(draft, draft.sent.map(joined(escapeLeast)).join('&'));
    },
    'form-empty-pairs': (draft, random) => {
      setForm(draft, `&&${draft.sent.map(joined(standard)).join(random.pick(['&', '&&', '&&&']))}&`);
    },
    'form-with-mark': (draft) => {
      setForm(draft, `\ufeff${draft.sent.map(joined(standard)).join('&')}`);
    },
    'form-of-no-type': (draft, random) => {
      encodeForm(draft);
      draft.type = random.pick([undefined, 'text/plain', 'application/octet-stream', 'text/html; charset=UTF-8']);
    },
  }),
  ...stepsOf('encoding', false, {
    'form-semicolons': (draft) => {
      setForm(draft, draft.sent.map(joined(standard)).join(';'));
    },
    'form-mixed-separators': (draft, random) => {
      const pairs = draft.sent.map(joined(standard));
      setForm(
        draft,
        pairs.reduce((text, pair) => text + random.pick(['&', ';', '&amp;', '\n', '%26', '&']) + pair),
      );
    },
    'form-unescaped': (draft) => {
      setForm(draft, draft.sent.map(([name, value]) => `${name}=${value}`).join('&'));
    },
    'form-escaped-twice': (draft) => {
      setForm(draft, draft.sent.map(joined((text) => standard(standard(text)))).join('&'));
    },
    'form-overlong': (draft) => {
      setForm(draft, draft.sent.map(joined(escapeOverlong)).join('&'));
    },
    'form-%u': (draft) => {
      setForm(draft, draft.sent.map(joined((text) => text.replaceAll(/[^0-9A-Za-z]/g, escapeUnit))).join('&'));
    },
    'form-broken-escapes': (draft, random) => {
      const text = draft.sent.map(joined(standard)).join('&');
      setForm(draft, splice(text, random, random.pick(['%', '%4', '%zz', '%FF', '%00', '%ED%A0%80', '+', '%C3'])));
    },
    'form-bytes': (draft, random) => {
      const text = draft.sent.map(joined(standard)).join('&');
      setForm(draft, splice(text, random, random.pick(['\xff', '\x80', '\xc3', '\0', '\x1f\x8b'])), 'latin1');
    },
    'form-brackets': (draft, random) => {
      const suffix = random.pick(['[]', '[0]', '[b]', '%5B%5D', '[b][c]', '.b', '[__proto__]']);
      const at = random.below(draft.sent.length);
      setForm(
        draft,
        draft.sent.map(([name, value], i) => `${standard(name)}${i === at ? suffix : ''}=${standard(value)}`).join('&'),
      );
    },
    'form-no-equals': (draft, random) => {
      setForm(
        draft,
        `${draft.sent.map(joined(standard)).join('&')}&${random.pick(['sign', '=', '==', 'a==b', '=b', '&='])}`,
      );
    },
    'form-question-mark': (draft) => {
      setForm(draft, `?${draft.sent.map(joined(standard)).join('&')}`);
    },
    'form-with-fragment': (draft) => {
      setForm(draft, `${draft.sent.map(joined(standard)).join('&')}#status=0000`);
    },
    'form-cut': (draft, random) => {
      const text = draft.sent.map(joined(standard)).join('&');
      setForm(draft, text.slice(0, random.below(text.length)));
    },
    'form-in-other-charset': (draft, random) => {
      const charset = random.pick(['latin1', 'utf16le'] as const);
      setForm(draft, draft.sent.map(([name, value]) => `${name}=${value}`).join('&'), charset);
    },
    'form-called-otherwise': (draft, random) => {
      encodeForm(draft);
      draft.type = random.pick([
        'application/json',
        'multipart/form-data; boundary=x',
        'application/xml',
        'image/png',
        ',',
      ]);
    },
  }),
];

function setForm(draft: Draft, text: string, encoding: BufferEncoding = 'utf8'): void {
  draft.type = FORM;
  draft.body = Buffer.from(text, encoding);
}

function joined(escape: (text: string) => string): (pair: Pair) => string {
  return ([name, value]) => `${escape(name)}=${escape(value)}`;
}

/** As the standard has it. */
function standard(text: string): string {
  if (/^[\w.-]*$/.test(text)) return text;
  // A half of a character is sent as what it becomes in UTF-8.
  return encodeURIComponent(Buffer.from(text).toString()).replaceAll('%20', '+');
}

function escapeAll(text: string): string {
  return [...Buffer.from(text)].map(escapeByte).join('');
}

/** Only what would end a name or a value, and what would be read as an escape. */
function escapeLeast(text: string): string {
  return text.replaceAll(/[%&=+]|^\ufeff/g, (each) => escapeAll(each));
}

/** ASCII in two bytes, as a lax reader of UTF-8 takes it. */
function escapeOverlong(text: string): string {
  return standard(text).replaceAll(/(?<!%.?)[0-9A-Za-z]/g, (each) => {
    const code = each.charCodeAt(0);
    return `%C${code >> 6}${escapeByte((code & 63) | 128)}`;
  });
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function escapeUnit(unit: string): string {
  return `%u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function lower(text: string): string {
  return text.toLowerCase();
}

function splice(text: string, random: Random, added: string): string {
  const place = random.below(text.length + 1);
  return text.slice(0, place) + added + text.slice(place);
}
