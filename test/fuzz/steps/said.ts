import { type Draft, shuffled, stepsOf, withValue } from '../draft.js';
import type { Random } from '../random.js';
import { NOW_SECONDS, orderOf, OWNERS, paidFields, WINDOW_SECONDS } from '../world.js';
import { FAIR_NAMES, FAIR_TEXTS, ODD_NAMES, ODD_TEXTS } from './texts.js';

/** What the platform's values can be that the protocol does not foresee. */
const VALUES = {
  total_fee: [
    ...['', '0', '1', '-1', '1280', '1280.00', '1,280', '12,80', '1280.000000001', '0.01', '1e3', '0x500', '1280\0'],
    ...[' 1280 ', '１２８０', '१२८०', 'NaN', 'Infinity', '9'.repeat(60), '128000.', '.5', '1 280', '1280\n', '+1280'],
  ],
  status: [
    ...[
      '',
      '5801',
      '5803',
      '5804',
      '5805',
      '5223',
      '900',
      '0',
      '00000',
      '000',
      ' 0000',
      '0000 ',
      '0000\0',
      '\u200b0000',
    ],
    ...[
      '0000\n',
      '０000',
      '0000,0000',
      '0000&',
      '0',
      'x'.repeat(300),
      'constructor',
      '__proto__',
      'toString',
      '5801\0',
    ],
  ],
  secondtimestamp: [
    ...[-WINDOW_SECONDS, -WINDOW_SECONDS - 1, WINDOW_SECONDS, WINDOW_SECONDS + 1, -8 * 86_400, 86_400].map((offset) =>
      String(NOW_SECONDS + offset),
    ),
    ...[
      String(NOW_SECONDS * 1000),
      `${NOW_SECONDS}.0`,
      `0${NOW_SECONDS}`,
      '',
      '0',
      '-1',
      '9999999999999',
      '1e9',
      'soon',
    ],
    ...[' ', `${NOW_SECONDS} `, '９', '8640000000001', '0000000000000'],
  ],
  orderdate: [
    ...['', '0000-01-01 00:00:00', '0000-00-00 00:00:00', '0001-01-01', '1969-12-31 23:59:59', '9999-12-31 23:59:59'],
    ...[
      '2026-02-30 10:00:00',
      '2026-03-02 24:00:00',
      '2026-03-02 25:00:00',
      '2026/3/2 9:05',
      '20260302095602',
      '20260302',
    ],
    ...[
      '2026-03-02T09:56:02+08:00',
      '2026-03-02T09:56:02Z',
      '99999-01-01 00:00:00',
      '+275760-09-13',
      '2026-03-02',
      'x',
    ],
    ...[
      '2026-03-02 09:56:02.999999',
      '2026-03-02 09:56:60',
      `2026-03-02${' '.repeat(5000)}x`,
      '\0',
      '２026-03-02 09:56:02',
    ],
  ],
  bankno: ['', '1', '013 ', '0130', '８', '13'],
  acctno: ['', '1', '00001234567890123', '9007199254740993', '１２３', '-1', '1.0'],
  out_trade_no: ['', 'n1', 'lower-case', 'A_B', 'N1 ', ' N1', 'N1\0', 'Ｎ1', 'x'.repeat(100), 'x'.repeat(101), 'N1\n'],
  orgno: [
    '',
    'nobody',
    '21008024 ',
    '２１００８０２４',
    '__proto__',
    'toString',
    'x'.repeat(31),
    '21008024\0',
    '2100802',
  ],
  nonce_str: ['', '1', 'x'.repeat(500)],
} as const;

const say = (draft: Draft, name: string, value: string): void => {
  draft.said = withValue(draft.said, name, value);
};
const sayWords = (draft: Draft, random: Random): void => {
  say(draft, 'result', random.pick(FAIR_TEXTS));
};
const sayMore = (draft: Draft, random: Random): void => {
  say(draft, random.pick(FAIR_NAMES), random.chance(20) ? '' : random.pick(FAIR_TEXTS));
};

/** What the platform says otherwise than expected, and signs. */
export const SAID = [
  ...stepsOf('said', true, {
    words: sayWords,
    extension: sayMore,
    extensions: (draft, random) => {
      for (let i = random.below(12); i >= 0; i -= 1) sayMore(draft, random);
    },
    'other-order-of-fields': (draft, random) => {
      draft.said = shuffled(draft.said, random);
    },
    'empty-extension': (draft, random) => {
      say(draft, random.pick(FAIR_NAMES), '');
    },
  }),
  ...stepsOf('said', false, {
    ...Object.fromEntries(
      Object.entries(VALUES).map(([name, values]) => [
        name,
        (draft: Draft, random: Random) => {
          say(draft, name, random.pick<string>(values));
        },
      ]),
    ),
    'odd-value': (draft, random) => {
      say(draft, random.pick(draft.said)[0], random.pick(ODD_TEXTS));
    },
    'odd-beginning-or-end': (draft, random) => {
      const [name, value] = random.pick(draft.said);
      say(draft, name, random.chance(50) ? random.pick(ODD_TEXTS) + value : value + random.pick(ODD_TEXTS));
    },
    'odd-extension': (draft, random) => {
      draft.said = [...draft.said, [random.pick(ODD_NAMES), random.pick(ODD_TEXTS)]];
    },
    'no-such-field': (draft, random) => {
      const [left] = random.pick(draft.said);
      draft.said = draft.said.filter(([name]) => name !== left);
    },
    'many-extensions': (draft, random) => {
      const count = 20 + random.below(300);
      draft.said = [...draft.said, ...Array.from({ length: count }, (_, i) => [`e${i}`, 'x'.repeat(i % 40)] as const)];
    },
    'another-merchant': (draft, random) => {
      say(draft, 'orgno', random.pick(OWNERS).merchantNo);
    },
    'another-order': (draft, random) => {
      draft.said = paidFields({ ...orderOf(3 * random.below(500)), account: draft.order.account });
    },
  }),
];
