import { types } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { AtmEvent } from '../ledger/events.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { reasonOf } from '../protocol/cause.js';
import { ContainedObservable } from './contained-observable.js';

/** What `EventEmitter2` is to us. */
export interface Emitter {
  listeners(name: string): readonly unknown[];
  listenersAny?(): readonly unknown[];
}

/**
 * Broadcasts events to listeners of this process, best effort: nobody waits for them, and what is missed is gone. A listener
 * that throws or rejects is logged, and harms nobody.
 */
@Injectable()
export class EventBroadcaster {
  private readonly logger = new StructuredLogger('WanPayEvents');
  private readonly subject = new Subject<AtmEvent>();
  #emitter: Emitter | undefined;

  readonly events$: Observable<AtmEvent> = new ContainedObservable<AtmEvent>(
    (error) => {
      this.report('events$', error);
    },
    (subscriber) => {
      const subscription = this.subject.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
      };
    },
  );

  /** Lets `@OnEvent('atm.paid')` of @nestjs/event-emitter hear the events too. */
  forwardTo(emitter: Emitter): void {
    this.#emitter = emitter;
  }

  publish(event: AtmEvent): void {
    this.subject.next(event);
    const emitter = this.#emitter;
    if (!emitter) return;
    // A listener that hears once removes itself from the emitter's own list.
    for (const listener of [...emitter.listeners(event.type)]) this.call(listener, emitter, event.type, [event]);
    for (const listener of [...(emitter.listenersAny?.() ?? [])]) {
      this.call(listener, emitter, 'any event', [event.type, event]);
    }
  }

  close(): void {
    this.subject.complete();
  }

  private call(listener: unknown, emitter: Emitter, what: string, args: readonly unknown[]): void {
    if (typeof listener !== 'function') return;
    const report = (error: unknown): void => {
      this.report(what, error);
    };
    try {
      const result: unknown = Reflect.apply(listener, emitter, args);
      if (types.isPromise(result)) result.catch(report);
    } catch (error) {
      report(error);
    }
  }

  private report(what: string, error: unknown): void {
    this.logger.error('listener_failed', `A listener of ${what} failed: ${reasonOf(error)}`);
  }
}
