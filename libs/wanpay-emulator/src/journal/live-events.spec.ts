import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { HttpException } from '@nestjs/common';
import { Changes, TOPICS } from './changes.js';
import { LiveEvents } from './live-events.js';

/** A connection whose other side takes nothing until `drain`, and what was given to it. */
function slowClient(): { response: ServerResponse; given: string[] } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const given: string[] = [];
  jest.spyOn(response, 'write').mockImplementation((chunk: unknown) => {
    given.push(String(chunk));
    return false;
  });
  return { response, given };
}

describe('live events', () => {
  it('wait for a client that is slow, and are then told once each, however many there were', () => {
    const changes = new Changes();
    const { response, given } = slowClient();
    new LiveEvents(changes).stream(response);
    // What a page may have missed before it was connected.
    expect(given).toEqual(['retry: 1000\n\n', TOPICS.map((topic) => `event: ${topic}\ndata:\n\n`).join('')]);
    for (let n = 0; n < 10_000; n++) changes.tell({ topic: n % 2 === 0 ? 'order' : 'clock' });
    expect(given).toHaveLength(2);
    response.emit('drain');
    expect(given.slice(2)).toEqual(['event: order\ndata:\n\nevent: clock\ndata:\n\n']);
    response.emit('close');
  });

  it('drop a client that takes nothing for half a minute', () => {
    jest.useFakeTimers();
    const { response } = slowClient();
    const destroy = jest.spyOn(response, 'destroy');
    new LiveEvents(new Changes()).stream(response);
    jest.advanceTimersByTime(29_999);
    expect(destroy).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(destroy).toHaveBeenCalled();
    response.emit('close');
    jest.useRealTimers();
  });

  it('forget a client that is gone, and refuse more than a hundred', () => {
    const events = new LiveEvents(new Changes());
    const clients = Array.from({ length: 100 }, () => slowClient().response);
    for (const client of clients) events.stream(client);
    expect(() => {
      events.stream(slowClient().response);
    }).toThrow(HttpException);
    expect(events.clients).toBe(100);
    for (const client of clients) client.emit('close');
    expect(events.clients).toBe(0);
  });
});
