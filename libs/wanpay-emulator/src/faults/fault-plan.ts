import { InvalidArgumentError } from '../errors.js';
import { type Journal } from '../journal/journal.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type Chance } from './chance.js';
import { type Fault, type FaultKind, type FaultOf, type FaultTrigger, type InterfaceName, isOfKind } from './fault.js';
import { readFault } from './fault-input.js';

/** A fault that is armed. */
export interface ArmedFault {
  /** Names it, so that it can be disarmed. */
  readonly id: string;
  readonly fault: Fault;
  readonly trigger: FaultTrigger;
  /** On how many occasions it struck. */
  readonly struck: number;
}

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
  readonly times?: number | undefined;
  /** Whether the platform carries the request out all the same, and only answers wrongly. Default: false. */
  readonly afterActing?: boolean | undefined;
}

/**
 * What goes wrong, when asked for. Faults are taken in the order in which they were armed: of those that could take
 * each other's place, such as two answers, one strikes on each occasion; others come together.
 */
export interface Faults {
  /**
   * Arms a fault.
   *
   * @throws InvalidArgumentError naming the part of the fault or of the trigger that cannot be
   */
  arm(fault: Fault, trigger?: FaultTrigger): ArmedFault;
  /** What is armed still, oldest first. */
  armed(): ArmedFault[];
  /** Disarms one fault; one that has struck for the last time is disarmed already. */
  disarm(id: string): void;
  /** Disarms whatever is armed still. */
  clear(): void;
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
}

/** What is about to happen, and could go wrong. */
export interface Occasion extends Partial<OrderRef> {
  /** The interface that is about to reply. */
  readonly at?: InterfaceName;
}

interface Rule {
  readonly id: string;
  readonly fault: Fault;
  readonly trigger: FaultTrigger;
  passed: number;
  struck: number;
}

/** Bounds what is kept, far above what a test or a person arms. */
const MAX_RULES = 500;
const MAX_RULE_LENGTH = 131_072;

/** A rule as it is kept across restarts. */
export type KeptRule = Readonly<Rule>;

/** The faults that are armed, and the one place that decides which of them strikes. */
export class FaultPlan implements Faults {
  #rules: Rule[] = [];
  #lastId = 0;

  /** @param chance decides for faults that strike by share */
  constructor(
    private readonly journal: Journal,
    private readonly chance: Chance,
  ) {}

  arm(fault: Fault, trigger: FaultTrigger = {}): ArmedFault {
    assertTrigger(trigger);
    if (this.#rules.length >= MAX_RULES)
      throw new InvalidArgumentError('fault', `is one too many: ${MAX_RULES} are armed.`);
    const rule = { id: `f${++this.#lastId}`, fault: readFault(fault), trigger, passed: 0, struck: 0 };
    if (JSON.stringify(rule).length > MAX_RULE_LENGTH) {
      throw new InvalidArgumentError('fault', `must have at most ${MAX_RULE_LENGTH} characters of JSON.`);
    }
    this.#rules.push(rule);
    this.journal.write({ kind: 'action', name: 'arm', fault: rule.fault, trigger, faultId: rule.id });
    return view(rule);
  }

  armed(): ArmedFault[] {
    return this.#rules.map(view);
  }

  disarm(id: string): void {
    const left = this.#rules.filter((rule) => rule.id !== id);
    if (left.length === this.#rules.length) return;
    this.#rules = left;
    this.journal.write({ kind: 'action', name: 'disarm', faultId: id });
  }

  clear(): void {
    if (this.#rules.length === 0) return;
    this.#rules = [];
    this.journal.write({ kind: 'action', name: 'clear-faults' });
  }

  answer(from: InterfaceName, answer: FaultyAnswer, options: FaultyAnswerOptions = {}): void {
    const { times = 1, afterActing = false } = options;
    this.arm(asFault(from, answer, afterActing), { times });
  }

  loseOrderReplies(times = 1): void {
    this.arm({ kind: 'lost-reply', at: 'order' }, { times });
  }

  payBeforeReply(times = 1): void {
    this.arm({ kind: 'payment-before-reply' }, { times });
  }

  loseAcknowledgements(times = 1): void {
    this.arm({ kind: 'lost-acknowledgement' }, { times });
  }

  dropNotifications(times = 1): void {
    this.arm({ kind: 'dropped-notification' }, { times });
  }

  /** The fault of one of these kinds that strikes on the occasion at hand; undefined when all goes well. */
  strike<K extends FaultKind>(kinds: readonly K[], occasion: Occasion): FaultOf<K> | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (!isOfKind(fault, kinds) || !concerns(rule, occasion) || !this.#triggers(rule)) continue;
      rule.struck += 1;
      if (rule.struck === timesOf(rule.trigger)) this.#rules = this.#rules.filter((other) => other !== rule);
      this.journal.write({ kind: 'fault', fault, ...refOf(occasion) });
      return fault;
    }
    return undefined;
  }

  /** What {@link restore} needs. */
  keep(): KeptRule[] {
    return this.#rules.map((rule) => ({ ...rule }));
  }

  restore(rules: readonly KeptRule[]): void {
    this.#rules = rules.map((rule) => ({ ...rule }));
    this.#lastId = Math.max(0, ...rules.map(({ id }) => Number(id.slice(1))));
  }

  #triggers(rule: Rule): boolean {
    const { skip = 0, share = 1 } = rule.trigger;
    if (rule.passed < skip) {
      rule.passed += 1;
      return false;
    }
    return share === 1 || this.chance() < share;
  }
}

function view({ id, fault, trigger, struck }: Rule): ArmedFault {
  return { id, fault, trigger, struck };
}

function concerns({ fault, trigger }: Rule, occasion: Occasion): boolean {
  if ('at' in fault && fault.at !== occasion.at) return false;
  if (trigger.merchantNo !== undefined && trigger.merchantNo !== occasion.merchantNo) return false;
  return trigger.orderNo === undefined || trigger.orderNo === occasion.orderNo;
}

function refOf({ merchantNo, orderNo }: Occasion): Partial<OrderRef> {
  return { ...(merchantNo === undefined ? {} : { merchantNo }), ...(orderNo === undefined ? {} : { orderNo }) };
}

function timesOf({ times, share }: FaultTrigger): number | 'always' {
  return times ?? (share === undefined ? 1 : 'always');
}

function asFault(at: InterfaceName, answer: FaultyAnswer, afterActing: boolean): Fault {
  if ('code' in answer) return { kind: 'code-reply', at, afterActing, ...answer };
  if ('httpStatus' in answer) return { kind: 'http-error-reply', at, afterActing, ...answer };
  return { kind: 'body-reply', at, afterActing, ...answer };
}

function assertTrigger({ times = 1, skip = 0, share = 1 }: FaultTrigger): void {
  if (times !== 'always' && !(Number.isSafeInteger(times) && times >= 1)) {
    throw new InvalidArgumentError('times', 'must be a whole number from 1, or always.');
  }
  if (!Number.isSafeInteger(skip) || skip < 0) throw new InvalidArgumentError('skip', 'must be a whole number from 0.');
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('share', 'must be above 0 and at most 1.');
}
