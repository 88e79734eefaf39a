import { describe, expect, it, jest } from '@jest/globals';
import { eventBase, type AtmUnmatched } from '../ledger/events.js';
import { type Emitter, News } from './news.js';

const EVENT: AtmUnmatched = {
  ...eventBase('atm.unmatched', { merchantNo: '1265', orderNo: 'A1', livemode: false }, new Date(0)),
  outcome: { status: 'paid', code: '0000' },
};

describe('news', () => {
  it('reaches everyone who listens, and nobody who comes later', () => {
    const news = new News();
    const [early, late] = [jest.fn(), jest.fn()];
    news.events$.subscribe(early);
    news.publish(EVENT);
    news.events$.subscribe(late);
    expect(early.mock.calls).toStrictEqual([[EVENT]]);
    expect(late).not.toHaveBeenCalled();
  });

  it('goes to an emitter under the event’s name', () => {
    const news = new News();
    const emit = jest.fn<Emitter['emit']>();
    news.forwardTo({ emit });
    news.publish(EVENT);
    expect(emit.mock.calls).toStrictEqual([['atm.unmatched', EVENT]]);
  });

  it('ends when it is closed', () => {
    const news = new News();
    const [next, complete] = [jest.fn(), jest.fn()];
    news.events$.subscribe({ next, complete });
    news.close();
    news.publish(EVENT);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(next).not.toHaveBeenCalled();
  });
});
