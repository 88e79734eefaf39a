import { Injectable } from '@nestjs/common';
import { type AtmEvent, type AtmEventOf, type AtmEventType, OnAtmEvent } from 'nestjs-wanpay';

/** A host's handler of every event: it writes down what it is given, and behaves as the test wants. */
@Injectable()
export class RecordingHandler {
  /** Every call, the failed ones included. */
  readonly events: AtmEvent[] = [];
  /** What a handler does beyond writing down; a throw is a failure. */
  react: (event: AtmEvent) => unknown = () => undefined;

  @OnAtmEvent('atm.issued')
  onIssued(event: AtmEventOf<'atm.issued'>): unknown {
    return this.record(event);
  }

  @OnAtmEvent('atm.paid')
  onPaid(event: AtmEventOf<'atm.paid'>): unknown {
    return this.record(event);
  }

  @OnAtmEvent('atm.failed')
  @OnAtmEvent('atm.closed')
  @OnAtmEvent('atm.expired')
  @OnAtmEvent('atm.amount_mismatch')
  @OnAtmEvent('atm.duplicate_payment')
  @OnAtmEvent('atm.unclaimed_payment')
  @OnAtmEvent('atm.unknown_order')
  onAnythingElse(event: AtmEvent): unknown {
    return this.record(event);
  }

  /** The calls for events of one type. */
  of<Type extends AtmEventType>(type: Type): AtmEventOf<Type>[] {
    return this.events.filter((event): event is AtmEventOf<Type> => event.type === type);
  }

  /** The types of the events, in the order of the calls. */
  get types(): AtmEventType[] {
    return this.events.map(({ type }) => type);
  }

  private record(event: AtmEvent): unknown {
    this.events.push(event);
    return this.react(event);
  }
}
