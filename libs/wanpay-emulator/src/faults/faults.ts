import { InvalidArgumentError } from '../errors.js';

/** The two interfaces of the platform: `virtualatmpay` (3.1.1) and `orderquery` (3.1.3). */
export type InterfaceName = 'order' | 'query';

/** What the platform answers in place of the true reply. */
export type FaultyAnswer =
  /** A protocol reply with a code of the table (3.2.1), such as `992`, over HTTP 200. */
  | { readonly code: string; readonly info?: string }
  /** An HTTP error, such as 500, as a gateway in front of the platform gives it. */
  | { readonly httpStatus: number; readonly body?: string }
  /** Any body over HTTP 200, such as half a JSON text. */
  | { readonly body: string };

/** How often, and when, a faulty answer is given. */
export interface FaultyAnswerOptions {
  /** How many requests get it. Default: 1. */
  readonly times?: number;
  /** Whether the platform carries the request out all the same, and only answers wrongly. Default: false. */
  readonly afterActing?: boolean;
}

/**
 * What goes wrong, deterministically: each call arms a fault for the next `times` occasions, those armed before
 * counted first.
 */
export interface Faults {
  /** Answers the next orders or queries with something else. */
  answer(from: InterfaceName, answer: FaultyAnswer, options?: FaultyAnswerOptions): void;
  /** Accepts the next orders and breaks the connection instead of replying: the order exists, the merchant can't know. */
  loseOrderReplies(times?: number): void;
  /** Pays the next orders at once: the notification is sent, and answered, before the order is replied to. */
  payBeforeReply(times?: number): void;
  /** Loses the merchant's next acknowledgements (`success`) on the way, so that the notification comes again. */
  loseAcknowledgements(times?: number): void;
  /** Never sends the next notifications, first attempt and retries: only a query (or `resend`) tells. */
  dropNotifications(times?: number): void;
  /** Disarms whatever is armed still. */
  clear(): void;
}

type Occasion = 'lostOrderReply' | 'paymentBeforeReply' | 'lostAcknowledgement' | 'droppedNotification';

/** A faulty answer that is armed. */
export interface ArmedAnswer {
  readonly answer: FaultyAnswer;
  readonly afterActing: boolean;
}

/** The faults that are armed; the platform takes one on each occasion. */
export class FaultPlan implements Faults {
  #answers: Record<InterfaceName, ArmedAnswer[]> = { order: [], query: [] };
  #armed: Partial<Record<Occasion, number>> = {};

  answer(from: InterfaceName, answer: FaultyAnswer, options: FaultyAnswerOptions = {}): void {
    const { times = 1, afterActing = false } = options;
    assertTimes(times);
    for (let n = 0; n < times; n++) this.#answers[from].push({ answer, afterActing });
  }

  loseOrderReplies(times = 1): void {
    this.#arm('lostOrderReply', times);
  }

  payBeforeReply(times = 1): void {
    this.#arm('paymentBeforeReply', times);
  }

  loseAcknowledgements(times = 1): void {
    this.#arm('lostAcknowledgement', times);
  }

  dropNotifications(times = 1): void {
    this.#arm('droppedNotification', times);
  }

  clear(): void {
    this.#answers = { order: [], query: [] };
    this.#armed = {};
  }

  /** The answer to give to the request at hand; undefined for the true one. */
  takeAnswer(from: InterfaceName): ArmedAnswer | undefined {
    return this.#answers[from].shift();
  }

  /** Whether the fault strikes on the occasion at hand. */
  take(occasion: Occasion): boolean {
    const left = this.#armed[occasion] ?? 0;
    if (left > 0) this.#armed[occasion] = left - 1;
    return left > 0;
  }

  #arm(occasion: Occasion, times: number): void {
    assertTimes(times);
    this.#armed[occasion] = (this.#armed[occasion] ?? 0) + times;
  }
}

function assertTimes(times: number): void {
  if (!Number.isSafeInteger(times) || times < 1)
    throw new InvalidArgumentError('times', 'must be a whole number from 1.');
}
