import { type MessageEvent, ServiceUnavailableException } from '@nestjs/common';
import { defer, finalize, interval, map, merge, type Observable, Subject, takeUntil } from 'rxjs';

/** Well below what a process can hold open, and more than a shop of this size ever sees. */
const MAX_STREAMS = 1_000;
/** Shorter than the minute after which proxies give up on a connection that says nothing. */
const HEARTBEAT_MS = 15_000;

/** The connections over which pages are told of changes: so many and no more, each with a heartbeat, none forgotten. */
export class LiveStreams {
  private count = 0;

  constructor(
    private readonly maxStreams = MAX_STREAMS,
    private readonly heartbeatMs = HEARTBEAT_MS,
  ) {}

  /** How many are open now. */
  get open(): number {
    return this.count;
  }

  /**
   * Messages with heartbeats, until they end or nobody listens any more.
   *
   * @throws ServiceUnavailableException when too many are open; a page works without, and tries again by itself
   */
  stream(messages: Observable<MessageEvent>): Observable<MessageEvent> {
    if (this.count >= this.maxStreams)
      throw new ServiceUnavailableException('Too many pages are open; reload instead.');
    return defer(() => {
      this.count++;
      const ended = new Subject<void>();
      const heartbeats = interval(this.heartbeatMs).pipe(
        map(() => ({ comment: 'still here' })),
        takeUntil(ended),
      );
      const untilEnd = messages.pipe(
        finalize(() => {
          ended.next();
        }),
      );
      // The heartbeats first: messages may all be there at once, and what has not begun can't be ended.
      return merge(heartbeats, untilEnd).pipe(finalize(() => this.count--));
    });
  }
}
