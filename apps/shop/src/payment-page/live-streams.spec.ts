import { describe, expect, it } from '@jest/globals';
import { type MessageEvent, ServiceUnavailableException } from '@nestjs/common';
import { firstValueFrom, NEVER, of, Subject, take, toArray } from 'rxjs';
import { LiveStreams } from './live-streams.js';

describe('the connections of open pages', () => {
  it('pass messages on, and end with them', async () => {
    const streams = new LiveStreams();
    const messages = of({ type: 'a', data: '1' }, { type: 'b', data: '2' });
    const heard = await firstValueFrom(streams.stream(messages).pipe(toArray()));
    expect(heard.map(({ type }) => type)).toEqual(['a', 'b']);
    expect(streams.open).toBe(0);
  });

  it('are shown to be alive when there is nothing to say', async () => {
    const streams = new LiveStreams(1, 1);
    const heard = await firstValueFrom(streams.stream(NEVER).pipe(take(2), toArray()));
    expect(heard).toEqual([{ comment: 'still here' }, { comment: 'still here' }]);
    expect(streams.open).toBe(0);
  });

  it('are so many and no more, until one ends', () => {
    const streams = new LiveStreams(2);
    const messages = new Subject<MessageEvent>();
    const [first] = [1, 2].map(() => streams.stream(messages).subscribe());
    expect(() => streams.stream(messages)).toThrow(ServiceUnavailableException);
    first?.unsubscribe();
    streams.stream(messages).subscribe();
    expect(streams.open).toBe(2);
    messages.complete();
    expect(streams.open).toBe(0);
    expect(messages.observed).toBe(false);
  });
});
