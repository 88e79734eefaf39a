import { AsyncResource } from 'node:async_hooks';

/**
 * Runs work in the async context in which this was made, such as start-up: what a request wakes must not run with that
 * request's AsyncLocalStorage, or a handler would join the request's transaction.
 */
export class Background {
  private readonly resource = new AsyncResource('WanPayBackground');

  run(work: () => void): void {
    this.resource.runInAsyncScope(work);
  }
}
