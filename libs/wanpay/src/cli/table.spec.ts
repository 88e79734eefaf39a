import { expect, it } from '@jest/globals';
import { table } from './table.js';

it('lines columns up, a Chinese character taking two places', () => {
  expect(
    table([
      ['bank', '國泰世華商業銀行', 'x'],
      ['holder', 'abc', 'y'],
    ]),
  ).toBe(['bank    國泰世華商業銀行  x', 'holder  abc               y'].join('\n'));
});

it('is indented, ends no line with spaces, and is empty without rows', () => {
  expect(
    table(
      [
        ['a', ''],
        ['long', 'b'],
      ],
      { indent: '  ' },
    ),
  ).toBe('  a\n  long  b');
  expect(table([])).toBe('');
});
