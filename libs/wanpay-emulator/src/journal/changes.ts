import { Injectable } from '@nestjs/common';
import { type Cancel } from '../clock/clock.js';
import { type OrderRef } from '../orders/order-ref.js';

/** What changes are about; also the names of the events that tell the console of them. */
export const TOPICS = ['order', 'request', 'clock', 'faults', 'merchants'] as const;

/** What a change is about. */
export type Topic = (typeof TOPICS)[number];

/** That something changed, not what: whoever is interested looks for itself. */
export interface Change {
  readonly topic: Topic;
  /** The order concerned, where it is one. */
  readonly order?: Partial<OrderRef>;
}

/** Tells of every change inside the emulator, to the console's pages and to the file of its state. */
@Injectable()
export class Changes {
  readonly #watchers = new Set<(change: Change) => void>();

  /** Calls `watcher` at every change, until it is cancelled. */
  watch(watcher: (change: Change) => void): Cancel {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  tell(change: Change): void {
    for (const watcher of this.#watchers) watcher(change);
  }
}
