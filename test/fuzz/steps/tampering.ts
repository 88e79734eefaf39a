import { type Draft, shuffled, stepsOf, valueOf, withValue } from '../draft.js';
import type { Random } from '../random.js';
import { orderOf, OWNERS, type Pair } from '../world.js';
import { FAIR_NAMES, ODD_NAMES, ODD_TEXTS } from './texts.js';

/** What a stranger does to a message that somebody else has signed. */
export const TAMPERING = [
  ...stepsOf('tampering', true, {
    'other-order-of-fields': (draft, random) => {
      draft.sent = shuffled(draft.sent, random);
    },
    'empty-field': (draft, random) => {
      const name = random.pick(FAIR_NAMES);
      if (!draft.sent.some(([other]) => other === name)) draft.sent = [...draft.sent, [name, '']];
    },
    'without-empty-fields': (draft) => {
      draft.sent = draft.sent.filter(([, value]) => value !== '');
    },
  }),
  ...stepsOf('tampering', false, {
    'field-dropped': (draft, random) => {
      const dropped = random.pick(draft.sent);
      draft.sent = draft.sent.filter((pair) => pair !== dropped);
    },
    'field-emptied': (draft, random) => {
      draft.sent = withValue(draft.sent, random.pick(draft.sent)[0], '');
    },
    'field-renamed': (draft, random) => {
      rename(draft, random, (name) =>
        random.pick([name.toUpperCase(), `${name} `, ` ${name}`, `${name}[]`, `${name}\0`, name.slice(1), `${name}x`]),
      );
    },
    'odd-name': (draft, random) => {
      rename(draft, random, () => random.pick(ODD_NAMES));
    },
    'field-repeated': (draft, random) => {
      const [name, value] = random.pick(draft.sent);
      const repeated: Pair = [name, random.pick([value, '', '0000', '100', random.pick(ODD_TEXTS)])];
      draft.sent = random.chance(50) ? [...draft.sent, repeated] : [repeated, ...draft.sent];
    },
    'values-exchanged': (draft, random) => {
      const [[a, one], [b, other]] = [random.pick(draft.sent), random.pick(draft.sent)];
      draft.sent = withValue(withValue(draft.sent, a, other), b, one);
    },
    'other-value': (draft, random) => {
      draft.sent = withValue(draft.sent, random.pick(draft.sent)[0], random.pick(ODD_TEXTS));
    },
    'other-amount': (draft, random) => {
      const { amount } = draft.order;
      const amounts = [`${amount}`, `${amount}.00`, `${amount}00.0`, ` ${amount}00`, '1100', `0${amount}00`, '1'];
      draft.sent = withValue(draft.sent, 'total_fee', random.pick(amounts));
    },
    'other-order': (draft, random) => {
      draft.sent = withValue(draft.sent, 'out_trade_no', orderOf(3 * random.below(500)).orderNo);
    },
    'other-merchant': (draft, random) => {
      draft.sent = withValue(draft.sent, 'orgno', random.pick(OWNERS).merchantNo);
    },
    'said-to-be-paid': (draft) => {
      draft.sent = withValue(draft.sent, 'status', '0000');
    },
    'character-changed': (draft, random) => {
      change(
        draft,
        random,
        (value, place) =>
          value.slice(0, place) + random.pick(['0', 'a', 'A', ' ', '&', '=', '\0']) + value.slice(place + 1),
      );
    },
    'character-added': (draft, random) => {
      const added = random.pick(['0', ' ', '\0', '\u200b', '\ufeff', '&', '=', '\u0301', '.0', '&a=']);
      change(draft, random, (value, place) => value.slice(0, place) + added + value.slice(place));
    },
    'character-dropped': (draft, random) => {
      change(draft, random, (value, place) => value.slice(0, place) + value.slice(place + 1));
    },
    'other-unicode-form': (draft, random) => {
      const form = random.pick(['NFC', 'NFD', 'NFKC', 'NFKD']);
      draft.sent = draft.sent.map(([name, value]): Pair => [name.normalize(form), value.normalize(form)]);
    },
    'wide-digits': (draft, random) => {
      change(draft, random, (value) =>
        value.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      );
    },
    'field-added': (draft, random) => {
      draft.sent = [...draft.sent, [random.pick([...FAIR_NAMES, ...ODD_NAMES]), random.pick(['1', ...ODD_TEXTS])]];
    },
    /** The text that is signed stays the same: `a=1&b=2` may be one field or two. */
    'field-folded': (draft, random) => {
      const sorted = [...draft.sent].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
      const place = random.below(sorted.length - 1);
      const [before, after] = [sorted[place], sorted[place + 1]];
      if (!before || !after || before[0] === 'sign' || after[0] === 'sign') return;
      const folded: Pair = random.chance(70)
        ? [before[0], `${before[1]}&${after[0]}=${after[1]}`]
        : [`${before[0]}=${before[1]}&${after[0]}`, after[1]];
      sorted.splice(place, 2, folded);
      draft.sent = sorted;
    },
    'field-unfolded': (draft, random) => {
      const at = draft.sent.findIndex(([, value]) => value.includes('&') || value.includes('='));
      const pair = draft.sent[at];
      if (!pair) return;
      const parts = `${pair[0]}=${pair[1]}`.split('&').map((part): Pair => {
        const [name = '', ...value] = part.split('=');
        return [name, value.join('=')];
      });
      draft.sent = [
        ...draft.sent.slice(0, at),
        ...(random.chance(50) ? parts : parts.reverse()),
        ...draft.sent.slice(at + 1),
      ];
    },
    'key-as-field': (draft, random) => {
      draft.sent = [...draft.sent, ['key', random.pick(['', 'x', ...draft.order.owner.keys])]];
    },
    'sign-moved': (draft, random) => {
      const signature = valueOf(draft.sent, 'sign');
      draft.sent = [
        ...draft.sent.filter(([name]) => name !== 'sign'),
        [random.pick(['SIGN', 'sign[]', 'Sign']), signature],
      ];
    },
  }),
];

function rename(draft: Draft, random: Random, to: (name: string) => string): void {
  const renamed = random.pick(draft.sent);
  draft.sent = draft.sent.map((pair) => (pair === renamed ? [to(pair[0]), pair[1]] : pair));
}

function change(draft: Draft, random: Random, to: (value: string, place: number) => string): void {
  const changed = random.pick(draft.sent);
  const place = random.below(changed[1].length + 1);
  draft.sent = draft.sent.map((pair) => (pair === changed ? [pair[0], to(pair[1], place)] : pair));
}
