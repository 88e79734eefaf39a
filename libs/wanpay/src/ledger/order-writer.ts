import { claimedAtOnce, type ClaimedDelivery, type DeliveryOffer, type OfferDeliveries } from './deliveries.js';
import type { AtmEvent, AtmEventType } from './events.js';
import { ContentionError } from './errors.js';
import { type Committed, GroupCommit } from './group-commit.js';
import { checkKey, nameOf } from './order-key.js';
import type { PaymentKey } from './payment.js';
import { RecordCache } from './record-cache.js';
import type {
  CheckChange,
  CommittedChanges,
  DeliveryKey,
  LedgerStore,
  OrderChange,
  OrderRecord,
  StoredOutcome,
} from './store.js';
import { toStoredEvent } from './stored-event.js';

/** A change that holds only for the order as it was read. */
interface Change extends Pick<OrderChange, 'payment' | 'unknown' | 'check' | 'outcomes' | 'remove'> {
  readonly events?: readonly AtmEvent[];
}

/** Something to add to an order whatever its version is. */
interface Note {
  readonly outcomes?: readonly StoredOutcome[];
  readonly check?: CheckChange;
}

/** What a rule comes to for an order as it was read. */
export type Applied<Result> = { readonly result: Result } & (
  { readonly change?: Change; readonly note?: never } | { readonly note: Note; readonly change?: never }
);

/** The trace context that is kept with a rule's events. */
interface Traced {
  readonly trace?: string;
}

/** A rule: pure, since it is applied again where the order has changed meanwhile. */
type Rule<Result> = (record: OrderRecord | undefined) => Applied<Result> & Traced;

/** How often an order that other processes keep changing is read again. */
const MAX_TRIES = 50;
/** Leaves as many versions above it, in 32 bits. */
const MAX_FIRST_VERSION = 2 ** 30;

interface Item {
  readonly key: PaymentKey;
  readonly rule: Rule<unknown>;
}

/** The rules of a batch about one order. */
interface Pending {
  readonly key: PaymentKey;
  /** The order's name, which is looked up several times. */
  readonly name: string;
  readonly rules: readonly Rule<unknown>[];
}

/** What the rules about one order came to together. */
interface Draft {
  readonly pending: Pending;
  readonly change: OrderChange | undefined;
  /** The order once the change is written. */
  readonly record: OrderRecord | undefined;
  readonly events: readonly AtmEvent[];
  /** Whether the change is written only if the order is as it was read. */
  readonly isProven: boolean;
  /** Rules that have to wait until the change is written, since one change can't remove an order and record it again. */
  readonly later: readonly Rule<unknown>[];
}

const DONE: Committed<void> = { result: undefined };

/**
 * Writes orders: what arrives while a batch is being written is written by the next. Orders that this process has read or
 * written lately are not read again; their version proves that they are as they were.
 */
export class OrderWriter {
  private readonly cache = new RecordCache();
  private readonly group: GroupCommit<Item, void>;
  private readonly changes: GroupCommit<OrderChange, boolean>;
  /** Tells the caller's trace context; absent where nothing is traced. */
  readTrace: (() => string | undefined) | undefined;
  /** Returns which deliveries this process claims with the commit; absent if it delivers nothing. */
  offer: OfferDeliveries | undefined;

  /**
   * @param onEvents called with the events of each commit, and with those of their deliveries that this process claimed
   * @param random numbers from 0 to below 1
   */
  constructor(
    private readonly store: LedgerStore,
    private readonly onEvents: (events: readonly AtmEvent[], claimed: readonly ClaimedDelivery[]) => void,
    private readonly random: () => number,
  ) {
    const { blocks, commitsAtOnce: atOnce } = store;
    const ofOrder = { nameOf: ({ key }: Item) => nameOf(key), merges: true };
    this.group = new GroupCommit((items) => this.writeAll(items), {
      blocks,
      ...(atOnce ? { atOnce, ...ofOrder } : {}),
    });
    this.changes = new GroupCommit((changes) => this.commitAll(changes), { blocks, nameOf });
  }

  /**
   * Applies a rule to an order and writes what it comes to; resolves with the rule's result once that is committed.
   *
   * @throws InvalidFieldError for a key that no store could hold
   * @throws ContentionError when other processes changed the order all the time
   */
  async write<Result>(key: PaymentKey, rule: (record: OrderRecord | undefined) => Applied<Result>): Promise<Result> {
    checkKey(key);
    const { merchantNo, orderNo } = key;
    let last: { readonly result: Result } | undefined;
    // The caller's, which is another one by the time that the batch is written.
    const trace = this.readTrace?.();
    await this.group.submit({
      key: { merchantNo, orderNo },
      rule: (record) => {
        const applied = rule(record);
        last = applied;
        return trace === undefined ? applied : { ...applied, trace };
      },
    });
    if (!last) throw new TypeError('The rule was not applied.');
    return last.result;
  }

  /** Writes a change that says itself what it expects; tells whether that was so. */
  writeIf({ merchantNo, orderNo }: PaymentKey, change: Omit<OrderChange, keyof PaymentKey>): Promise<boolean> {
    return this.changes.submit({ merchantNo, orderNo, ...change });
  }

  /** Orders may be gone that this process remembers. */
  forget(): void {
    this.cache.clear();
  }

  private async commitAll(changes: readonly OrderChange[]): Promise<readonly Committed<boolean>[]> {
    const applied = await this.store.commit(changes);
    return applied.map((result) => ({ result }));
  }

  private async writeAll(items: readonly Item[]): Promise<readonly Committed<void>[]> {
    let pending = byOrder(items);
    for (let tries = 1; pending.length > 0; tries += 1) {
      try {
        if (tries > MAX_TRIES) throw new ContentionError();
        pending = await this.tryAll(pending);
      } catch (error) {
        if (tries === 1) throw error;
        // Some may be written by now, and must not be written again: only the others fail.
        const failed = new Set(pending.flatMap(({ rules }) => rules));
        return items.map(({ rule }) => (failed.has(rule) ? { error } : DONE));
      }
    }
    return items.map(() => DONE);
  }

  /** Resolves with those that have to be tried again, since their order had changed. */
  private async tryAll(pending: readonly Pending[]): Promise<readonly Pending[]> {
    const unread = pending.filter(({ name }) => !this.cache.get(name));
    // Nothing is waited for where this process knows all orders, as it does for most notifications.
    if (unread.length > 0) await this.read(unread);
    const proposed = pending.map((one) => this.draft(one));
    const drafts = this.store.isShared ? await this.provenAnew(proposed, unread) : proposed;
    const changes = drafts.map(({ change }) => change).filter((change) => change !== undefined);
    const { applied, claimed } = await this.commit(changes);
    const again: Pending[] = [];
    const events: AtmEvent[] = [];
    let place = 0;
    for (const draft of drafts) {
      const { key, name } = draft.pending;
      if (draft.change && !applied[place++]) {
        this.cache.delete(name);
        again.push(draft.pending);
        continue;
      }
      if (draft.record && !isDone(draft.record)) this.cache.set(name, draft.record);
      else this.cache.delete(name);
      events.push(...draft.events);
      if (draft.later.length > 0) again.push({ key, name, rules: draft.later });
    }
    if (events.length > 0) this.onEvents(events, claimedOf(drafts, claimed));
    return again;
  }

  private async commit(changes: readonly OrderChange[]): Promise<CommittedChanges> {
    if (changes.length === 0) return { applied: [], claimed: [] };
    const offer = this.store.commitAndClaim && this.offerFor(changes);
    try {
      const committed = offer && (await this.store.commitAndClaim?.(changes, offer));
      return committed ?? { applied: await this.store.commit(changes), claimed: [] };
    } finally {
      offer?.end();
    }
  }

  private offerFor(changes: readonly OrderChange[]): DeliveryOffer | undefined {
    const types: AtmEventType[] = [];
    for (const { events = [] } of changes) for (const { type } of events) types.push(type);
    return types.length > 0 ? this.offer?.(types) : undefined;
  }

  /** What changes nothing must not be said of an order as it was once: it is read again, and then said. */
  private async provenAnew(drafts: readonly Draft[], unread: readonly Pending[]): Promise<readonly Draft[]> {
    const unproven = drafts.filter(({ isProven }) => !isProven);
    if (unproven.length === 0) return drafts;
    const justRead = new Set(unread);
    const stale = new Set(unproven.map(({ pending }) => pending).filter((pending) => !justRead.has(pending)));
    if (stale.size === 0) return drafts;
    for (const { name } of stale) this.cache.delete(name);
    await this.read([...stale]);
    return drafts.map((draft) => (stale.has(draft.pending) ? this.draft(draft.pending) : draft));
  }

  private draft(pending: Pending): Draft {
    return draftOf(pending, this.cache.get(pending.name), this.store.isShared ? anyVersion(this.random) : 1);
  }

  /** Reads orders into the cache. */
  private async read(unread: readonly Pending[]): Promise<void> {
    const records = await this.store.load(unread.map(({ key }) => key));
    for (const [i, { name }] of unread.entries()) {
      const record = records[i];
      if (record) this.cache.set(name, record);
    }
  }
}

/** Paid payments hardly change any more. The cache would keep them in memory, and drop others that are still open. */
function isDone({ payment }: OrderRecord): boolean {
  return payment?.state === 'paid';
}

/**
 * A version to begin with. Another process may remember an order of the same number that was removed meanwhile, and must not
 * take this one for it.
 */
function anyVersion(random: () => number): number {
  return 1 + Math.floor(random() * MAX_FIRST_VERSION);
}

/**
 * Applies the rules about one order one after the other.
 *
 * @param firstVersion the order's version if it is created
 */
function draftOf(pending: Pending, read: OrderRecord | undefined, firstVersion: number): Draft {
  const { key, rules } = pending;
  let record = read;
  let isProven = false;
  let change: Omit<OrderChange, keyof PaymentKey> | undefined;
  let events: AtmEvent[] = [];
  let later: readonly Rule<unknown>[] = [];
  const version = read ? read.version + 1 : firstVersion;
  for (const rule of rules) {
    const applied = rule(record);
    if (applied.note) change = merge(change, applied.note);
    if (!applied.change) continue;
    if (applied.change.remove) {
      record = undefined;
      events = [];
      isProven = read !== undefined;
      change = read && { remove: true };
      if (!read) continue;
      later = rules.slice(rules.indexOf(rule) + 1);
      break;
    }
    isProven = true;
    const { events: added = [] } = applied.change;
    const seq = record?.eventCount ?? 0;
    const stored = added.map((event, n) => toStoredEvent(event, seq + n, applied.trace));
    // Not by a spread, as everything that is made for each order: see `changed`.
    change = merge(change, Object.assign({}, applied.change, { events: stored }));
    events.push(...added);
    record = next(key, version, record, applied.change);
  }
  const expected = read ? { expectedVersion: read.version } : { expectedVersion: 0, firstVersion };
  return {
    pending,
    change: change && Object.assign({}, key, change, isProven ? expected : undefined),
    record,
    events,
    isProven,
    later,
  };
}

function claimedOf(drafts: readonly Draft[], claimed: readonly DeliveryKey[]): readonly ClaimedDelivery[] {
  if (claimed.length === 0) return [];
  const recorded = new Map(drafts.map((draft) => [draft.pending.name, draft]));
  return claimed.flatMap((key) => {
    const { change, events } = recorded.get(nameOf(key)) ?? {};
    const place = change?.events?.findIndex(({ seq }) => seq === key.seq) ?? -1;
    const event = events?.[place];
    return event ? [claimedAtOnce(key, event, change?.events?.[place]?.details.trace)] : [];
  });
}

function byOrder(items: readonly Item[]): readonly Pending[] {
  const orders = new Map<string, Pending & { readonly rules: Rule<unknown>[] }>();
  for (const { key, rule } of items) {
    const name = nameOf(key);
    const known = orders.get(name);
    if (known) known.rules.push(rule);
    else orders.set(name, { key, name, rules: [rule] });
  }
  return [...orders.values()];
}

function next(
  { merchantNo, orderNo }: PaymentKey,
  version: number,
  record: OrderRecord | undefined,
  change: Change,
): OrderRecord {
  const payment = change.payment ?? record?.payment;
  const unknown = payment ? undefined : (change.unknown ?? record?.unknown);
  const eventCount = (record?.eventCount ?? 0) + (change.events?.length ?? 0);
  const head = { merchantNo, orderNo, version, eventCount };
  if (payment) return Object.assign(head, { payment });
  return unknown ? Object.assign(head, { unknown }) : head;
}

/** One change after another, as one. */
function merge(
  before: Omit<OrderChange, keyof PaymentKey> | undefined,
  after: Omit<OrderChange, keyof PaymentKey>,
): Omit<OrderChange, keyof PaymentKey> {
  if (!before) return after;
  const outcomes = mergeOutcomes(before.outcomes, after.outcomes);
  const events = [...(before.events ?? []), ...(after.events ?? [])];
  const check = mergeChecks(before.check, after.check);
  return { ...before, ...after, outcomes, events, ...(check ? { check } : {}) };
}

/** The later ones are counted where they repeat others. */
function mergeOutcomes(
  before: readonly StoredOutcome[] = [],
  after: readonly StoredOutcome[] = [],
): readonly StoredOutcome[] {
  const merged = new Map(before.map((outcome) => [outcome.digest, outcome]));
  for (const outcome of after) {
    const { digest, count, lastSeenAt } = outcome;
    const same = merged.get(digest);
    merged.set(digest, same ? { ...same, count: same.count + count, lastSeenAt } : outcome);
  }
  return [...merged.values()];
}

function mergeChecks(before: CheckChange | undefined, after: CheckChange | undefined): CheckChange | undefined {
  if (!before || !after || after === 'remove' || 'set' in after) return after ?? before;
  if (before === 'remove') return { set: { at: after.by, failures: 0 } };
  if ('by' in before) return { by: earlier(before.by, after.by) };
  return { set: { ...before.set, at: earlier(before.set.at, after.by) } };
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
