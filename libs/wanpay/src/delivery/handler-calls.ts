import type { Ledger, OwedEvent } from '../ledger/ledger.js';
import type { Clock } from '../protocol/index.js';
import type { EventHandler } from './handlers.js';

/** A handler that did its part. */
export interface Done {
  readonly id: string;
}

/** A handler that did not, and why. */
export interface Failed extends Done {
  readonly reason: unknown;
}

/** Calls handlers, and gives none of them longer than it may take. */
export class HandlerCalls {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** Never rejects. What a handler has done when it returns needs neither a promise nor a timer. */
  make(handler: EventHandler, owed: OwedEvent): Done | Failed | Promise<Done | Failed> {
    const { id } = handler;
    try {
      const result = handler.transaction
        ? this.ledger.transact(owed, id, (client) => handler.handle(owed.event, client))
        : handler.handle(owed.event);
      return isThenable(result) ? this.inTime(id, result) : { id };
    } catch (reason) {
      return { id, reason };
    }
  }

  private inTime(id: string, result: PromiseLike<unknown>): Promise<Done | Failed> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(this.timeoutMs, () => {
        resolve({ id, reason: new Error(`It was not done within ${this.timeoutMs} ms.`) });
      });
      const end = (ended: Done | Failed): void => {
        cancel();
        resolve(ended);
      };
      Promise.resolve(result).then(
        () => {
          end({ id });
        },
        (reason: unknown) => {
          end({ id, reason });
        },
      );
    });
  }
}

/** Handlers are the host's, and so are the promises that they return. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'then' in value && typeof value.then === 'function';
}
