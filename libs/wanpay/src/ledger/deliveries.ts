import { pageLimit } from './cursor.js';
import { HandlerInUseError, InvalidCursorError, NoTransactionsError } from './errors.js';
import type { AtmEvent, AtmEventType } from './events.js';
import { type Committed, GroupCommit } from './group-commit.js';
import { readDeliveryId, writeDeliveryId } from './delivery-id.js';
import type {
  DeliveryChange,
  DeliveryClaim,
  DeliveryKey,
  DeliveryState,
  LedgerStore,
  StoredDelivery,
  StoredSubscription,
  Subscription,
  TransactionalWork,
} from './store.js';
import { toEvent } from './stored-event.js';
import { stateOf } from './timeline.js';

/** One event on its way to one handler. */
export interface Delivery {
  /** Pass it to `replayDelivery`. */
  readonly id: string;
  /** What is delivered. */
  readonly event: AtmEvent;
  /** The id of the handler. */
  readonly handler: string;
  /** Whether it waits, runs, was delivered, or was given up after the last attempt (`dead`). */
  readonly state: DeliveryState;
  /** How many attempts were begun; a replay counts anew. */
  readonly attempts: number;
  /** When the next attempt is due, while it is pending. */
  readonly dueAt?: Date;
  /** Why the last attempt failed. */
  readonly failure?: string;
  /** When it was delivered or given up. */
  readonly finishedAt?: Date;
}

/** Which deliveries to list. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly handler?: string | undefined;
  readonly type?: AtmEventType | undefined;
  /** At most so many, 1 to 1000; 50 by default. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

/** Some deliveries, newest first. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Pass it as `after` for the deliveries that follow; absent on the last page. */
  readonly next?: string;
}

/** Which deliveries to replay. */
export interface ReplayFilter {
  /** `dead` unless told otherwise. */
  readonly state?: 'dead' | 'delivered' | undefined;
  readonly handler?: string | undefined;
  readonly type?: AtmEventType | undefined;
  /** Events recorded at or after this. */
  readonly from?: Date | undefined;
  /** Events recorded before this. */
  readonly to?: Date | undefined;
}

/** What the attempts of this process came to since it started: for a metric or a health check. */
export interface DeliveryCounts {
  readonly delivered: number;
  /** Attempts that failed and are made again. */
  readonly retried: number;
  /** Deliveries that were given up. */
  readonly dead: number;
}

/** A handler as the ledger knows it. */
export interface HandlerStatus {
  readonly id: string;
  readonly types: readonly AtmEventType[];
  /** When a process last said that it has this handler. */
  readonly lastSeenAt: Date;
  /** Whether a process has it: one has said so in the last three minutes. */
  readonly isRunning: boolean;
  /** Deliveries that wait or run. */
  readonly pending: number;
  readonly dead: number;
}

/** A delivery that this process has claimed. */
export interface ClaimedDelivery {
  readonly key: DeliveryKey;
  readonly event: AtmEvent;
  readonly handler: string;
  /** Which attempt this is, from 1. An attempt that a crash cut short counts. */
  readonly attempt: number;
  /** Proves the claim. */
  readonly claim: number;
  /** Why the attempt before failed. */
  readonly failure?: string;
  /** The trace context in which the event was recorded, as W3C's `traceparent`. */
  readonly trace?: string;
}

/** Which of the deliveries that are about to be recorded this process claims at once. */
export interface DeliveryOffer extends DeliveryClaim {
  /** Called once, after the commit succeeded or failed. Claimed deliveries reach the listeners together with their events. */
  end(): void;
}

/**
 * Returns which deliveries of events of these types this process claims with the commit, or undefined for none. `types` has one
 * entry for each event.
 */
export type OfferDeliveries = (types: readonly AtmEventType[]) => DeliveryOffer | undefined;

/** What was claimed. */
export interface Claimed {
  readonly deliveries: readonly ClaimedDelivery[];
  /** When the next one falls due; undefined when none is pending. */
  readonly nextDueAt?: Date;
}

/** Small enough that no other write waits long behind it. */
const BATCH = 500;
const DAY_MS = 86_400_000;
/** Processes say every minute which handlers they have. */
const RUNNING_MS = 3 * 60_000;

/** The rules of deliveries: who gets which event, what an attempt comes to, and what a person may do about it. */
export class Deliveries {
  private readonly group: GroupCommit<DeliveryChange, boolean>;

  constructor(private readonly store: LedgerStore) {
    this.group = new GroupCommit<DeliveryChange, boolean>((changes) => this.changeAll(changes), {
      blocks: store.blocks,
      // If two deliveries had the same name, they would only be written in separate batches.
      nameOf: ({ orderNo, seq, handler }) => `${orderNo}\n${seq}\n${handler}`,
    });
  }

  /**
   * Makes a process's handlers known. They get the events of their types from now on, and those that were kept because nobody
   * had subscribed to their type yet.
   *
   * @param keptSince how far back kept events are delivered
   */
  async subscribe(add: readonly Subscription[], now: Date, keptSince: Date): Promise<readonly HandlerStatus[]> {
    const { subscriptions } = await this.store.subscribe({ add, adoptSince: keptSince, now });
    return toHandlers(subscriptions, now);
  }

  /** Says that a process still has its handlers; tells how all of them stand. */
  async refresh(seen: readonly Subscription[], now: Date, keptSince: Date): Promise<readonly HandlerStatus[]> {
    const { subscriptions } = await this.store.subscribe({ seen, adoptSince: keptSince, now });
    return toHandlers(subscriptions, now);
  }

  /** Every handler that the ledger knows, whichever process has it. */
  async handlers(now: Date): Promise<readonly HandlerStatus[]> {
    const { subscriptions } = await this.store.subscribe({ now });
    return toHandlers(subscriptions, now);
  }

  /**
   * Forgets a handler, with its deliveries; returns how it stood, or undefined when there is none of that id.
   *
   * With `force`, also when a process had the handler in the last minutes.
   *
   * @throws HandlerInUseError when one had, without `force`
   */
  async retire(
    handler: string,
    now: Date,
    { force = false }: { readonly force?: boolean | undefined } = {},
  ): Promise<HandlerStatus | undefined> {
    const known = (await this.handlers(now)).find(({ id }) => id === handler);
    if (!known) return undefined;
    if (known.isRunning && !force) throw new HandlerInUseError(handler);
    await this.store.subscribe({ retire: handler, now });
    return known;
  }

  /**
   * Gives a handler the events of a period that it never got, because it subscribed later; returns how many.
   *
   * @param from the start of the period; a day at a time is written
   */
  async backfill(subscription: Subscription, from: Date, to: Date, now: Date): Promise<number> {
    let total = 0;
    for (let start = from.getTime(); start < to.getTime(); start += DAY_MS) {
      const end = Math.min(start + DAY_MS, to.getTime());
      const period = { from: new Date(start), to: new Date(end) };
      total += (await this.store.subscribe({ backfill: { subscription, ...period }, now })).added;
    }
    return total;
  }

  /** Claims deliveries that are due, in order per payment and handler, for the caller alone until the lease ends. */
  async claim(claim: DeliveryClaim): Promise<Claimed> {
    const { deliveries, nextDueAt } = await this.store.claimDeliveries(claim);
    return { deliveries: deliveries.map(toClaimed), ...(nextDueAt ? { nextDueAt } : {}) };
  }

  /** When the longest waiting delivery to any handler is, or was, due; undefined when none is pending. */
  async nextDue(now: Date): Promise<Date | undefined> {
    const { subscriptions } = await this.store.subscribe({ now });
    return (await this.store.claimDeliveries({ subscriptions, now, leaseUntil: now, limit: 0 })).nextDueAt;
  }

  /** When the longest waiting delivery to each of these handlers is, or was, due. What runs is not due before its claim lapses. */
  async nextDueOf(handlers: readonly HandlerStatus[], now: Date): Promise<ReadonlyMap<string, Date>> {
    const found = await Promise.all(
      handlers.map(async ({ id, types }) => {
        const subscriptions = types.map((type) => ({ handler: id, type }));
        const { nextDueAt } = await this.store.claimDeliveries({ subscriptions, now, leaseUntil: now, limit: 0 });
        return nextDueAt ? ([[id, nextDueAt]] as const) : [];
      }),
    );
    return new Map(found.flat());
  }

  /** Records that a handler is done; false, and nothing done, when the claim is no longer the caller's. So it is below. */
  succeed(delivery: ClaimedDelivery, now: Date): Promise<boolean> {
    return this.group.submit(doneChange(delivery, now));
  }

  /**
   * Runs a transactional handler and records that it is done, in one transaction, so that what it writes through its client
   * happens exactly once. Rejects, with nothing done, when the handler fails or the signal is aborted.
   */
  async transact(delivery: ClaimedDelivery, now: Date, work: TransactionalWork): Promise<boolean> {
    if (this.store.transactions === 'none') throw new NoTransactionsError();
    const [applied = false] = await this.store.changeDeliveries([doneChange(delivery, now)], work);
    return applied;
  }

  /** Records that an attempt failed, and when the next one is due. */
  retry({ key, claim }: ClaimedDelivery, failure: string, dueAt: Date): Promise<boolean> {
    return this.group.submit({ ...key, expectedClaim: claim, state: 'pending', dueAt, failure });
  }

  /** Gives a delivery up: it becomes a dead letter. */
  bury({ key, claim }: ClaimedDelivery, failure: string, now: Date): Promise<boolean> {
    return this.group.submit({ ...key, expectedClaim: claim, state: 'dead', dueAt: now, failure, finishedAt: now });
  }

  /** Gives a delivery back as if it had never been claimed. */
  release({ key, claim, attempt, failure }: ClaimedDelivery, now: Date): Promise<boolean> {
    const before = { attempts: attempt - 1, ...(failure === undefined ? {} : { failure }) };
    return this.group.submit({ ...key, expectedClaim: claim, state: 'pending', dueAt: now, ...before });
  }

  /**
   * Keeps a claim for longer.
   *
   * @param attempts how many count from now on; left out, as many as before
   */
  renew({ key, claim }: ClaimedDelivery, leaseUntil: Date, attempts?: number): Promise<boolean> {
    const counted = attempts === undefined ? {} : { attempts };
    const renewal = { state: 'pending', dueAt: leaseUntil, renew: true, ...counted } as const;
    return this.group.submit({ ...key, expectedClaim: claim, ...renewal });
  }

  /**
   * Deliveries, newest first.
   *
   * @throws InvalidFieldError when `limit` is outside 1 to 1000
   * @throws InvalidCursorError when `after` is not the `next` of a page
   */
  async list({ after, limit: asked, ...filter }: DeliveryFilter, now: Date): Promise<DeliveryPage> {
    const limit = pageLimit(asked);
    const before = after === undefined ? {} : { before: readPosition(after) };
    const stored = await this.store.listDeliveries({ ...filter, ...before, limit: limit + 1, now });
    const page = stored.slice(0, limit);
    const last = page.at(-1);
    const next = last && stored.length > limit ? { next: String(last.position) } : {};
    return { deliveries: page.map((delivery) => toDelivery(delivery, now)), ...next };
  }

  /** Delivers once more what was delivered or given up; false when there is no such delivery, or it runs just now. */
  async replay(id: string, now: Date): Promise<boolean> {
    const key = readDeliveryId(id);
    return key ? this.group.submit(replayChange(key, now)) : false;
  }

  /** Delivers once more everything that a filter finds, a batch at a time; returns how many. */
  async replayAll({ state = 'dead', ...filter }: ReplayFilter, now: Date): Promise<number> {
    let total = 0;
    let before: number | undefined;
    for (;;) {
      const position = before === undefined ? {} : { before };
      const batch = await this.store.listDeliveries({ ...filter, ...position, state, limit: BATCH, now });
      if (batch.length === 0) return total;
      const replayed = await this.store.changeDeliveries(batch.map((delivery) => replayChange(keyOf(delivery), now)));
      total += replayed.filter(Boolean).length;
      before = batch.at(-1)?.position;
    }
  }

  private async changeAll(changes: readonly DeliveryChange[]): Promise<readonly Committed<boolean>[]> {
    const applied = await this.store.changeDeliveries(changes);
    return applied.map((result) => ({ result }));
  }
}

function doneChange({ key, claim: expectedClaim }: ClaimedDelivery, now: Date): DeliveryChange {
  const { merchantNo, orderNo, seq, handler } = key;
  return { merchantNo, orderNo, seq, handler, expectedClaim, state: 'delivered', dueAt: now, finishedAt: now };
}

function replayChange(key: DeliveryKey, now: Date): DeliveryChange {
  return { ...key, state: 'pending', dueAt: now, attempts: 0 };
}

function keyOf({ merchantNo, orderNo, seq, handler }: DeliveryKey): DeliveryKey {
  return { merchantNo, orderNo, seq, handler };
}

/** Builds a delivery that was claimed with the commit of its event. */
export function claimedAtOnce(key: DeliveryKey, event: AtmEvent, trace: string | undefined): ClaimedDelivery {
  const claimed = { key: keyOf(key), event: copyOf(event), handler: key.handler, attempt: 1, claim: 1 };
  return trace === undefined ? claimed : Object.assign(claimed, { trace });
}

/** A copy for one handler, so that its changes reach neither the ledger nor other handlers. */
function copyOf(event: AtmEvent): AtmEvent {
  if (event.type === 'atm.unknown_order') return Object.assign({}, event);
  return Object.assign({}, event, { payment: Object.assign({}, event.payment) });
}

function toClaimed(
  delivery: DeliveryKey & Pick<StoredDelivery, 'event' | 'payment' | 'attempts' | 'claim' | 'failure'>,
): ClaimedDelivery {
  const { handler, attempts: attempt, claim, failure } = delivery;
  const event = toEvent(delivery, delivery.event, delivery.payment);
  const { trace } = delivery.event.details;
  return {
    ...{ key: keyOf(delivery), event, handler, attempt, claim },
    ...(failure === undefined ? {} : { failure }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function toDelivery(delivery: StoredDelivery, now: Date): Delivery {
  const { handler, attempts, failure, finishedAt, dueAt } = delivery;
  const state = stateOf(delivery, now);
  return {
    id: writeDeliveryId(delivery),
    event: toEvent(delivery, delivery.event, delivery.payment),
    handler,
    state,
    attempts,
    ...(state === 'pending' ? { dueAt } : {}),
    ...(failure === undefined ? {} : { failure }),
    ...(finishedAt && state !== 'pending' && state !== 'running' ? { finishedAt } : {}),
  };
}

function toHandlers(subscriptions: readonly StoredSubscription[], now: Date): readonly HandlerStatus[] {
  const handlers = new Map<string, HandlerStatus>();
  for (const { handler: id, type, lastSeenAt, pending, dead } of subscriptions) {
    const known = handlers.get(id) ?? { types: [], lastSeenAt: new Date(0), pending: 0, dead: 0 };
    const seenAt = known.lastSeenAt > lastSeenAt ? known.lastSeenAt : lastSeenAt;
    handlers.set(id, {
      id,
      types: [...known.types, type],
      lastSeenAt: seenAt,
      isRunning: now.getTime() - seenAt.getTime() < RUNNING_MS,
      pending: known.pending + pending,
      dead: known.dead + dead,
    });
  }
  return [...handlers.values()];
}

function readPosition(after: string): number {
  const position = Number(after);
  if (!/^\d+$/.test(after) || !Number.isSafeInteger(position)) throw new InvalidCursorError();
  return position;
}
