import { type Draft, shuffled, stepsOf, valueOf } from '../draft.js';
import { md5, signatureOf, textOf } from '../signature.js';
import { OWNERS, type Pair } from '../world.js';

const DIGITS = Array.from('0123456789ABCDEFabcdef\0Ａ');

/** How notifications are signed by who does it otherwise, has another key, or none. */
export const SIGNING = [
  ...stepsOf('signing', true, {
    'old-key': (draft) => {
      draft.signature = signatureOf(draft.said, draft.order.owner.keys[1]);
    },
  }),
  ...stepsOf('signing', false, {
    'key-of-another': (draft, random) => {
      draft.signature = signatureOf(draft.said, random.pick(random.pick(OWNERS).keys));
    },
    'no-key': (draft, random) => {
      draft.signature = random.chance(50) ? signatureOf(draft.said, '') : md5(textOf(draft.said));
    },
    'odd-key': (draft, random) => {
      draft.signature = signatureOf(
        draft.said,
        random.pick(['undefined', 'null', '[object Object]', ' ', `${keyOf(draft)} `]),
      );
    },
    lower: (draft) => {
      draft.signature = draft.signature.toLowerCase();
    },
    truncated: (draft, random) => {
      draft.signature = draft.signature.slice(0, random.below(32));
    },
    'other-digit': (draft, random) => {
      const place = random.below(32);
      const digit = random.pick(DIGITS);
      draft.signature = draft.signature.slice(0, place) + digit + draft.signature.slice(place + 1);
    },
    zeros: (draft) => {
      draft.signature = '0'.repeat(32);
    },
    padded: (draft, random) => {
      draft.signature = random.pick([` ${draft.signature}`, `${draft.signature}\0`, `${draft.signature}\n`]);
    },
    doubled: (draft) => {
      draft.signature += draft.signature;
    },
    'in-the-order-sent': (draft) => {
      signText(draft, given(draft.said).map(join).join('&'));
    },
    'in-another-order': (draft, random) => {
      signText(draft, shuffled(given(draft.said), random).map(join).join('&'));
    },
    'sorted-as-pairs': (draft) => {
      signText(draft, given(draft.said).map(join).sort().join('&'));
    },
    'sorted-without-case': (draft) => {
      const sorted = given(draft.said).sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
      signText(draft, sorted.map(join).join('&'));
    },
    'with-empty-fields': (draft) => {
      const sorted = [...draft.said].sort(([a], [b]) => (a < b ? -1 : 1));
      signText(draft, sorted.map(join).join('&'));
    },
    'url-encoded': (draft) => {
      signInstead(
        draft,
        draft.said.map(([name, value]) => [name, encodeURIComponent(Buffer.from(value).toString())]),
      );
    },
    'in-latin1': (draft) => {
      signText(draft, Buffer.from(textOf(draft.said), 'latin1').toString('utf8'));
    },
    'key-first': (draft) => {
      draft.signature = md5(`key=${keyOf(draft)}&${textOf(draft.said)}`);
    },
    'over-fewer-fields': (draft, random) => {
      signInstead(
        draft,
        draft.said.filter(() => random.chance(80)),
      );
    },
    'over-the-protocols-fields': (draft) => {
      const known = ['orgno', 'secondtimestamp', 'nonce_str', 'out_trade_no', 'status', 'result', 'total_fee'];
      signInstead(
        draft,
        draft.said.filter(([name]) => known.includes(name)),
      );
    },
    'of-another-order': (draft) => {
      signInstead(
        draft,
        draft.said.map(([name, value]) => [name, name === 'out_trade_no' ? 'N0' : value]),
      );
    },
    missing: (draft) => {
      draft.signature = '';
    },
  }),
];

/** Signs other fields than those that are said. Tampering may turn the message into just what was signed. */
function signInstead(draft: Draft, fields: readonly Pair[]): void {
  draft.covered = fields;
  draft.signature = signatureOf(fields, keyOf(draft));
}

function signText(draft: Draft, text: string): void {
  draft.signature = md5(`${text}&key=${keyOf(draft)}`);
}

function given(pairs: readonly Pair[]): Pair[] {
  return pairs.filter(([name, value]) => name !== 'sign' && value !== '');
}

function join([name, value]: Pair): string {
  return `${name}=${value}`;
}

/** The key of the merchant that is named, or else of the order's. */
function keyOf({ said, order }: Draft): string {
  const named = OWNERS.find(({ merchantNo }) => merchantNo === valueOf(said, 'orgno'));
  return (named ?? order.owner).keys[0];
}
