import { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { AtmEvent } from '../ledger/events.js';

/** What `EventEmitter2` is to us. */
export interface Emitter {
  emit(name: string, event: AtmEvent): unknown;
}

/** Best-effort news of events whose durable handlers are done: nobody waits for it, and what is missed is gone. */
export class News {
  private readonly logger = new Logger('WanPayNews');
  private readonly subject = new Subject<AtmEvent>();
  private emitter: Emitter | undefined;

  readonly events$: Observable<AtmEvent> = this.subject.asObservable();

  /** Lets `@OnEvent('atm.paid')` of @nestjs/event-emitter hear the news too. */
  forwardTo(emitter: Emitter): void {
    this.emitter = emitter;
  }

  /** A listener that throws is the host's to mend; the event is done all the same. */
  publish(event: AtmEvent): void {
    this.subject.next(event);
    try {
      this.emitter?.emit(event.type, event);
    } catch (error) {
      this.logger.error(
        `A listener of ${event.type} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  close(): void {
    this.subject.complete();
  }
}
