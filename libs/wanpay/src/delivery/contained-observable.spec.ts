import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { concatMap, filter, firstValueFrom, map, type Observable, Subject, tap } from 'rxjs';
import { ContainedObservable } from './contained-observable.js';

const BROKEN = new Error('broken');

function fail(): never {
  throw BROKEN;
}

/** A listener may be async, whatever rxjs takes it for. */
const reject: () => unknown = () => Promise.reject(BROKEN);

function isText(value: string): boolean {
  return value.length > 0;
}

describe('ContainedObservable', () => {
  let source: Subject<number>;
  let contained: Observable<number>;
  const report = jest.fn();
  const rejected = jest.fn();
  beforeEach(() => {
    source = new Subject();
    contained = new ContainedObservable(report, (subscriber) => {
      const subscription = source.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
      };
    });
    process.on('unhandledRejection', rejected);
  });
  afterEach(() => {
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
    jest.resetAllMocks();
  });

  it.each<[string, (events: Observable<number>) => unknown]>([
    ['a listener that throws', (events) => events.subscribe(fail)],
    ['an observer that throws', (events) => events.subscribe({ next: fail })],
    ['an async listener', (events) => events.subscribe(reject)],
    ['an async observer', (events) => events.subscribe({ next: reject })],
    [
      'a listener behind operators',
      (events) =>
        events
          .pipe(
            map((value) => `${value}`),
            filter(isText),
          )
          .subscribe(fail),
    ],
    ['map', (events) => events.pipe(map(fail)).subscribe()],
    ['filter', (events) => events.pipe(filter(fail)).subscribe(() => undefined)],
    ['tap', (events) => events.pipe(tap(fail)).subscribe({ next: () => undefined })],
    ['a promise of concatMap', (events) => events.pipe(concatMap(() => Promise.reject(BROKEN))).subscribe()],
    ['an error callback that throws', (events) => events.pipe(map(fail)).subscribe({ error: fail })],
  ])('reports what comes of %s, and harms no other listener', async (_, subscribe) => {
    subscribe(contained);
    const heard: number[] = [];
    contained.subscribe((value) => heard.push(value));
    source.next(1);
    source.next(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(report).toHaveBeenCalledWith(BROKEN);
    expect(heard).toStrictEqual([1, 2]);
  });

  it('reports a complete callback that throws', () => {
    contained.subscribe({ complete: fail });
    source.complete();
    expect(report.mock.calls).toStrictEqual([[BROKEN]]);
  });

  it('leaves to the listener an error that it takes', () => {
    const error = jest.fn();
    contained.pipe(map(fail)).subscribe({ error });
    source.next(1);
    expect(error.mock.calls).toStrictEqual([[BROKEN]]);
    expect(report).not.toHaveBeenCalled();
  });

  it('calls an observer’s methods on itself, as a Subject’s must be', () => {
    const relay = new Subject<number>();
    const heard: number[] = [];
    relay.subscribe((value) => heard.push(value));
    contained.subscribe(relay);
    source.next(1);
    expect(heard).toStrictEqual([1]);
    expect(report).not.toHaveBeenCalled();
  });

  it('passes values, the end and unsubscribing on', async () => {
    const heard: unknown[] = [];
    const subscription = contained.subscribe((value) => heard.push(value));
    const doubled = contained.pipe(map((value) => 2 * value));
    doubled.subscribe({ next: (value) => heard.push(value), complete: () => heard.push('end') });
    const first = firstValueFrom(doubled);
    source.next(1);
    subscription.unsubscribe();
    source.next(2);
    source.complete();
    expect(heard).toStrictEqual([1, 2, 4, 'end']);
    expect(await first).toBe(2);
  });
});
