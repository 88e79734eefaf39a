import { types } from 'node:util';
import { Observable, type Observer, Subscriber, type Subscription } from 'rxjs';

type Next<Value> = (value: Value) => void;
type Failure = (error: unknown) => void;

/**
 * An observable whose subscribers can't harm the process: what one of them throws or rejects with is reported. rxjs would throw
 * it from a timer, where nobody can catch it.
 */
export class ContainedObservable<Value> extends Observable<Value> {
  constructor(
    private readonly report: Failure,
    subscribe?: (subscriber: Subscriber<Value>) => () => void,
  ) {
    super(subscribe);
  }

  override subscribe(observer?: Partial<Observer<Value>>): Subscription;
  override subscribe(next: Next<Value>): Subscription;
  override subscribe(next?: Next<Value> | null, error?: Failure | null, complete?: (() => void) | null): Subscription;
  override subscribe(
    given?: Partial<Observer<Value>> | Next<Value> | null,
    error?: Failure | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own subscriber hands errors on to the one at the end.
    if (given instanceof Subscriber) return super.subscribe(given);
    // An observer may be of a class, such as a Subject: its methods are called on itself.
    const observer = isObserver(given) ? given : { next: given, error, complete };
    return super.subscribe({
      next: (value) => {
        this.contain(() => observer.next?.(value));
      },
      error: (failure) => {
        if (observer.error) this.contain(() => observer.error?.(failure));
        else this.report(failure);
      },
      complete: () => {
        this.contain(() => observer.complete?.());
      },
    });
  }

  /** What operators are piped into is contained too. */
  override lift<Result>(...[operator]: Parameters<Observable<Value>['lift']>): Observable<Result> {
    const lifted = new ContainedObservable<Result>(this.report);
    Object.assign(lifted, { source: this, operator });
    return lifted;
  }

  private contain(call: () => unknown): void {
    try {
      const result = call();
      if (types.isPromise(result)) result.catch(this.report);
    } catch (error) {
      this.report(error);
    }
  }
}

function isObserver<Value>(
  given: Partial<Observer<Value>> | Next<Value> | null | undefined,
): given is Partial<Observer<Value>> {
  return typeof given === 'object' && given !== null;
}
