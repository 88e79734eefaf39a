import type { IncomingMessage } from 'node:http';

/** How reading a body ended. What came of it until then is told in each case. */
export type PeekEnd = 'complete' | 'too_large' | 'broken_off';

/** Whether nobody has read a request's body yet. */
export function isUnread(stream: IncomingMessage): boolean {
  return stream.readable && !stream.readableDidRead && !stream.readableEnded;
}

/**
 * Reads a body of at most `limit` bytes and leaves it unread: whoever else collects the stream afterwards finds it whole.
 * The rest of a larger one is thrown away, so that the connection can be used again.
 *
 * @param done called once; with the bytes that came, all of them where the body is complete
 */
export function peek(stream: IncomingMessage, limit: number, done: (end: PeekEnd, bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let listens = false;

  const finish = (end: PeekEnd): void => {
    if (listens) stream.off('readable', take).off('end', endOf).off('close', breakOff);
    const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    // The bytes can be put back as long as the stream has not emitted its end, which it does in the next tick.
    if (end === 'complete' && size > 0 && !stream.readableEnded) stream.unshift(bytes);
    if (end === 'too_large') stream.resume();
    done(end, bytes);
  };
  const take = (): void => {
    for (let chunk = read(stream); chunk !== undefined; chunk = read(stream)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) {
        finish('too_large');
        return;
      }
    }
    if (stream.complete) finish('complete');
  };
  const endOf = (): void => {
    finish('complete');
  };
  const breakOff = (): void => {
    finish('broken_off');
  };
  // The listener stays, so that a connection that breaks later, during the answer, raises no error.
  stream.on('error', ignore);
  // A body that arrived together with its headers is complete by then, and reading it is quicker than listening for it.
  process.nextTick(() => {
    if (stream.complete && !stream.destroyed) {
      take();
      return;
    }
    listens = true;
    stream.on('readable', take).on('end', endOf).on('close', breakOff);
    if (stream.closed) breakOff();
  });
}

function read(stream: IncomingMessage): Buffer | undefined {
  const chunk: unknown = stream.read();
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

function ignore(): void {
  return;
}
