import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { type OrderRef } from '../orders/order-ref.js';

/** What a change is about; also the name of the event that tells the console of it. */
export type Topic = 'order' | 'request' | 'clock' | 'faults' | 'merchants';

/** That something changed, not what: whoever is interested looks for itself. */
export interface Change {
  readonly topic: Topic;
  /** The order concerned, where it is one. */
  readonly order?: Partial<OrderRef>;
}

/** Tells of every change inside the emulator, to the console's pages and to the file of its state. */
@Injectable()
export class Changes {
  readonly #changes = new Subject<Change>();

  get all(): Observable<Change> {
    return this.#changes;
  }

  tell(change: Change): void {
    this.#changes.next(change);
  }
}
