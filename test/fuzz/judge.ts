import type { OrderChange } from 'nestjs-wanpay/ledger';
import { valueOf } from './draft.js';
import type { Witness } from './host.js';
import { type Entries, isAsSigned, isSameMessage, pays } from './meaning.js';
import type { Message } from './message.js';
import type { Reply } from './wire.js';
import type { Pair } from './world.js';

/** What a host must never do. */
export type Fault =
  /** It acknowledged, recorded or paid something that no owner of a key has signed. */
  | 'another-meaning'
  /** It answered with 5xx. */
  | 'server-error'
  /** It did not accept what every receiver must. */
  | 'fair-refused'
  /** It did not answer, though nobody hung up. */
  | 'no-reply'
  /** It said `success` without accepting, or accepted with other words. */
  | 'odd-reply';

export interface Finding {
  readonly fault: Fault;
  readonly detail: string;
  /** The message that it is about. */
  readonly index: number;
}

/** Judges one host, by what it replies and by what it writes. */
export class Judge implements Witness {
  readonly findings: Finding[] = [];
  /** What was signed about each order. */
  private readonly signed = new Map<string, (readonly Pair[])[]>();
  /** What the host's guards saw of each message under way. */
  private readonly seen = new Map<number, Entries>();

  /** To be called before a message is sent. */
  expect({ signed }: Message): void {
    if (!signed) return;
    const key = keyOf(valueOf(signed, 'orgno'), valueOf(signed, 'out_trade_no'));
    this.signed.set(key, [...(this.signed.get(key) ?? []), signed]);
  }

  onFields(index: number, body: unknown): void {
    // Where the path is written so that only the router knows it, the module reads the body after the host's guards.
    if (typeof body === 'object' && body !== null) this.seen.set(index, Object.entries(body));
  }

  onCommit(change: OrderChange): void {
    const { merchantNo, orderNo, outcomes = [], payment } = change;
    const signed = this.signed.get(keyOf(merchantNo, orderNo)) ?? [];
    for (const { outcome, source } of outcomes) {
      if (source === 'notification' && signed.some((said) => isAsSigned(outcome, said))) continue;
      this.find('another-meaning', `recorded ${JSON.stringify({ merchantNo, orderNo, outcome })}`, indexOf(change));
    }
    if (payment?.state === 'paid' && !signed.some((said) => pays(said, payment))) {
      this.find('another-meaning', `paid ${JSON.stringify({ merchantNo, orderNo })}`, indexOf(change));
    }
  }

  judge(message: Message, { status, body }: Reply): void {
    const { signed, isAdmitted, isFair, hangsUp, recipe } = message;
    const { index } = recipe;
    const seen = this.seen.get(index);
    this.seen.delete(index);
    const isAccepted = status === 200 && body === 'success';
    if (status === undefined && !hangsUp) this.find('no-reply', 'no reply', index);
    if (status !== undefined && status >= 500) this.find('server-error', `${status} ${body}`, index);
    if (isFair && !isAccepted) this.find('fair-refused', `${status ?? 'no reply'} ${body}`, index);
    if (!isAccepted && (status === 200 || /success/i.test(body)))
      this.find('odd-reply', `${status ?? ''} ${body}`, index);
    if (!isAccepted) return;
    if (!signed) this.find('another-meaning', 'accepted what nobody has signed', index);
    else if (seen && !isSameMessage(seen, signed)) {
      this.find('another-meaning', `accepted as ${JSON.stringify(seen)}`, index);
    }
    if (!isAdmitted) this.find('another-meaning', 'accepted from where nothing may come from', index);
  }

  private find(fault: Fault, detail: string, index: number): void {
    this.findings.push({ fault, detail, index });
  }
}

function keyOf(merchantNo: string, orderNo: string): string {
  return `${merchantNo}\n${orderNo}`;
}

/** The message that caused a change: by its account, since each has one of its own, or else by its order. */
function indexOf({ orderNo, outcomes = [] }: OrderChange): number {
  const account = Number(outcomes[0]?.outcome.payer?.account) - 9_000_000_000_000_000;
  return account >= 0 && account < 1_000_000_000 ? account : Number(/\d+/.exec(orderNo)?.[0] ?? 0);
}
