import type { AtmEventType } from '../../events.js';
import type {
  DeliveryChange,
  DeliveryKey,
  OrderHistory,
  StoredDelivery,
  StoredSubscription,
  Subscription,
} from '../../store.js';
import { type Due, DueHeap, OUT } from './due-heap.js';
import { toDate, toMoment } from './moments.js';
import type { Order } from './order.js';
import type { PackedEvent } from './packed-event.js';

/** A subscription, with the deliveries to it that a claim may take. */
export class Subscriber {
  pending = 0;
  dead = 0;
  /** Of each order the delivery that its handler gets next, if it is one to this subscription. */
  readonly queue = new DueHeap<Delivery>();

  constructor(
    readonly handler: string,
    readonly type: AtmEventType,
    readonly subscribedAt: Date,
    public lastSeenAt: Date,
  ) {}

  toStored(): StoredSubscription {
    const { handler, type, subscribedAt, lastSeenAt, pending, dead } = this;
    return { handler, type, subscribedAt, lastSeenAt, pending, dead };
  }

  isOf({ handler, type }: Subscription): boolean {
    return this.handler === handler && this.type === type;
  }

  /** Counts a delivery in, or out. */
  count({ state }: Delivery, by: 1 | -1): void {
    if (state === 'pending') this.pending += by;
    if (state === 'dead') this.dead += by;
  }
}

/** One event on its way to one handler. */
export class Delivery implements Due {
  place = OUT;
  state: StoredDelivery['state'] = 'pending';
  attempts = 0;
  claim = 0;
  claimed = false;
  failure: string | undefined = undefined;
  finishedAt: number | undefined = undefined;

  constructor(
    readonly order: Order,
    readonly event: PackedEvent,
    readonly subscriber: Subscriber,
    readonly position: number,
    public due: number,
  ) {}

  get key(): DeliveryKey {
    const { order, event, subscriber } = this;
    return { merchantNo: order.merchantNo, orderNo: order.orderNo, seq: event.seq, handler: subscriber.handler };
  }

  claimUntil(leaseUntil: Date): void {
    this.attempts += 1;
    this.claim += 1;
    this.claimed = true;
    this.subscriber.queue.put(this, toMoment(leaseUntil));
  }

  /** Whether a change may be applied. */
  meets({ expectedClaim }: DeliveryChange): boolean {
    return expectedClaim === undefined ? !this.claimed : this.state === 'pending' && this.claim === expectedClaim;
  }

  apply({ state, dueAt, renew, attempts, failure, finishedAt }: DeliveryChange): void {
    this.subscriber.count(this, -1);
    this.state = state;
    this.subscriber.count(this, 1);
    this.due = toMoment(dueAt);
    if (attempts !== undefined) this.attempts = attempts;
    this.claimed = renew ?? false;
    if (renew) return;
    this.failure = failure;
    this.finishedAt = finishedAt && toMoment(finishedAt);
  }

  toStored(): StoredDelivery {
    const event = this.event.unpack();
    const payment = this.order.payment?.unpack(this.order);
    return Object.assign(this.toProgress(), payment ? { event, payment } : { event });
  }

  toProgress(): OrderHistory['deliveries'][number] {
    const { position, state, attempts, claim, claimed, due, failure, finishedAt } = this;
    const progress = { position, state, attempts, claim, claimed, dueAt: toDate(due) };
    return Object.assign(
      this.key,
      progress,
      failure === undefined ? undefined : { failure },
      finishedAt === undefined ? undefined : { finishedAt: toDate(finishedAt) },
    );
  }
}
