import { describe, expect, it } from '@jest/globals';
import { displayWidth, wrap } from './wrap.js';

describe('wrap', () => {
  it.each([
    ['leaves what fits', 'All is well.', 20, 'All is well.'],
    ['breaks at words', 'One two three four', 10, 'One two\nthree four'],
    ['indents like the last column', '✗  ledger  There is no file.', 24, '✗  ledger  There is no\n           file.'],
    ['indents advice behind its arrow', '     → Look at the name.', 18, '     → Look at the\n       name.'],
    ['indents what follows a sign', '! It is no message.', 12, '! It is no\n  message.'],
    ['breaks between Chinese characters, not before a full stop', '平台拒絕此商戶。', 8, '平台拒絕\n此商戶。'],
    ['never leaves a full stop alone', '平台拒絕。', 8, '平台拒\n絕。'],
    [
      'keeps addresses whole',
      'At http://127.0.0.1:4010/wxzfservice now',
      12,
      'At\nhttp://127.0.0.1:4010/wxzfservice\nnow',
    ],
  ])('%s', (_, text, width, wrapped) => {
    expect(wrap(text, width)).toBe(wrapped);
  });

  it('counts wide characters twice', () => {
    expect(displayWidth('A1 付款')).toBe(7);
  });
});
