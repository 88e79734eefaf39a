import type { AtmEvent } from '../ledger/events.js';
import { reasonOf } from '../protocol/cause.js';
import { WanPayError } from '../protocol/index.js';

/** An attempt of a handler that failed. */
export interface HandlerFailure {
  /** The id of the handler. */
  readonly handler: string;
  /** What it was called with. */
  readonly event: AtmEvent;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** Whether it was the last one: the delivery is then a dead letter. */
  readonly isDead: boolean;
  /** What the handler threw or rejected with. */
  readonly reason: unknown;
}

/** Handlers failed. Deliveries that are not dead are tried again once the clock is moved. */
export class HandlerFailedError extends WanPayError {
  readonly code = 'handler_failed';

  constructor(readonly failures: readonly HandlerFailure[]) {
    const [first] = failures;
    super(failures.map(describe).join('\n'), { cause: first?.reason });
  }
}

/** The host under test has not started, or has been closed. */
export class NotStartedError extends WanPayError {
  readonly code = 'not_started';

  constructor(problem: string) {
    super(`${problem} Call await moduleRef.init(), or await app.init(), before the first payment.`);
  }
}

/** The host under test has no such instance of WanPayModule, or none at all. */
export class NoInstanceError extends WanPayError {
  readonly code = 'no_instance';

  constructor(name: string | undefined, known: readonly string[]) {
    super(
      known.length > 0 && name !== undefined
        ? `The host has no instance of WanPayModule named ${name}; it has ${known.join(', ')}.`
        : 'The host has no WanPayModule. Import the module of the host that imports it into the one under test, and compile ' +
            'that; or, where the host has none, import WanPayTestingModule.forRoot().',
    );
  }
}

/** The fake platform has no such order, or not in the state that is needed. */
export class TestOrderError extends WanPayError {
  readonly code = 'test_order';
}

function describe({ handler, event, attempt, isDead, reason }: HandlerFailure): string {
  const what = `${handler} failed to handle ${event.type} of order ${event.orderNo}, attempt ${attempt}`;
  return `${what}: ${reasonOf(reason)} ${isDead ? 'It is now a dead letter.' : 'It is tried again once the clock is moved.'}`;
}
