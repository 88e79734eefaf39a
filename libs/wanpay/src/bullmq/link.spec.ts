import { describe, expect, it } from '@jest/globals';
import { type HostQueue, prepare } from './link.js';

/** A queue as BullMQ 5 has it: without a backend, and with its version in what it writes. */
function queueOf(version: string): HostQueue & { readonly metaValues: object } {
  return {
    name: 'wanpay',
    opts: {},
    metaValues: { version: `bullmq:${version}` },
    on: () => undefined,
  };
}

describe('a queue of BullMQ 5', () => {
  it.each(['5.0.0', '5.34.2', '5.71.9', '4.99.0'])('is refused by its version when that is %s', (version) => {
    expect(() => {
      prepare(queueOf(version));
    }).toThrow(expect.objectContaining({ code: 'unsupported_bullmq', message: expect.stringContaining(version) }));
  });

  it.each(['5.72.0', '5.81.5'])('is taken when its version is %s', (version) => {
    expect(() => {
      prepare(queueOf(version));
    }).not.toThrow();
  });
});

it('refuses what is no queue of BullMQ', () => {
  expect(() => {
    prepare({ name: 'mine', opts: {}, on: () => undefined });
  }).toThrow(expect.objectContaining({ code: 'unsupported_queue' }));
});
