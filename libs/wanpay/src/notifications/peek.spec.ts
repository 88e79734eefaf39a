import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUnread, peek, type PeekEnd } from './peek.js';

const LIMIT = 1000;

/** A request as Node's parser makes it: its body is pushed, and then it is complete. */
class Request extends IncomingMessage {
  constructor() {
    super(new Socket());
  }

  give(...chunks: (string | Buffer)[]): this {
    for (const chunk of chunks) this.push(Buffer.from(chunk));
    return this;
  }

  end(): this {
    this.complete = true;
    this.push(null);
    return this;
  }
}

interface Seen {
  end?: PeekEnd;
  text?: string;
  calls: number;
}

function look(request: IncomingMessage): Seen {
  const seen: Seen = { calls: 0 };
  peek(request, LIMIT, (end, bytes) => {
    seen.end = end;
    seen.text = bytes.toString();
    seen.calls += 1;
  });
  return seen;
}

async function rest(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}

describe('peek', () => {
  it('reads a body, however it comes, and leaves all of it to whoever reads it next', async () => {
    const bytes = Buffer.from('orgno=21008024&result=旺沛😀');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), fc.boolean(), async (cuts, isSlow) => {
        const request = new Request();
        const seen = look(request);
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (const [i, end] of edges.slice(1).entries()) {
          request.give(bytes.subarray(edges[i], end));
          if (isSlow) await nextTurn();
        }
        expect(seen.calls).toBe(0);
        request.end();
        await nextTurn();
        expect(seen).toEqual({ end: 'complete', text: bytes.toString(), calls: 1 });
        expect(await rest(request)).toBe(bytes.toString());
      }),
      { numRuns: 50 },
    );
  });

  it('reads a body that is there already, and one that is empty', async () => {
    const there = look(new Request().give('a=b').end());
    const empty = look(new Request().end());
    await nextTurn();
    expect(there).toMatchObject({ end: 'complete', text: 'a=b' });
    expect(empty).toMatchObject({ end: 'complete', text: '' });
  });

  it('leaves it to a reader that begins at once, by events', async () => {
    const request = new Request();
    let text = '';
    peek(request, LIMIT, () => {
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    });
    request.give('a=', 'b').end();
    await nextTurn();
    expect(text).toBe('a=b');
    expect(request.readableEnded).toBe(true);
  });

  it('goes up to the limit', async () => {
    const seen = look(new Request().give('x'.repeat(LIMIT - 1), 'x').end());
    await nextTurn();
    expect(seen).toMatchObject({ end: 'complete', text: 'x'.repeat(LIMIT) });
  });

  it('stops beyond the limit at once, and throws the rest away', async () => {
    const request = new Request();
    const seen = look(request);
    request.give('x'.repeat(LIMIT), 'y');
    await nextTurn();
    expect(seen).toMatchObject({ end: 'too_large', calls: 1 });
    request.give('z'.repeat(100_000)).end();
    await nextTurn();
    expect(request.readableEnded).toBe(true);
    expect(seen.calls).toBe(1);
  });

  it('tells of a body that breaks off, with what came of it, and throws nothing', async () => {
    const request = new Request();
    const seen = look(request);
    request.give('a=b');
    await nextTurn();
    request.destroy(new Error('aborted'));
    await nextTurn();
    expect(seen).toEqual({ end: 'broken_off', text: 'a=b', calls: 1 });
  });

  it('tells a body that somebody has read from one that nobody has', async () => {
    const request = new Request().give('a=b').end();
    expect(isUnread(request)).toBe(true);
    await rest(request);
    expect(isUnread(request)).toBe(false);
  });
});
