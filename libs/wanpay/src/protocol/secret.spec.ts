import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

describe('Secret', () => {
  it('shows its value to whoever asks for it, and to nobody else', () => {
    const secret = new Secret('pa55word');
    expect(secret.reveal()).toBe('pa55word');
    expect(String(secret)).toBe('[secret]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
    expect(inspect({ secret }, { depth: 20, showHidden: true })).toBe('{ secret: [secret] }');
    expect(inspect(secret, { customInspect: false, showHidden: true })).toBe('Secret {}');
    expect(format('%o %O %j %s', secret, secret, secret, secret)).not.toContain('pa55word');
    expect(structuredClone(secret)).toEqual({});
  });
});
