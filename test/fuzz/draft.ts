import type { Random } from './random.js';
import type { Order, Pair } from './world.js';

/** A message in the making. */
export interface Draft {
  readonly order: Order;
  /** What the platform says, before it is signed. */
  said: Pair[];
  signature: string;
  /** What the signature is made over, where whoever has the key signs it otherwise than the platform. */
  covered: readonly Pair[] | undefined;
  /** What is sent: what was said and the signature, until somebody tampers with it. */
  sent: Pair[];
  /** The body's Content-Type. */
  type: string | undefined;
  /** The body's Content-Encoding. */
  packing: string | undefined;
  body: Buffer;
  method: string;
  target: string;
  /** The other headers. */
  headers: Pair[];
  /** The whole request. */
  request: Buffer;
  /** Whether the sender hangs up without waiting for a reply. */
  hangsUp: boolean;
  /** Whether the request would spoil the connection for those after it. */
  isAlone: boolean;
  /** Whether it comes from where notifications may come from. */
  isAdmitted: boolean;
  /** Whether nothing was done to it that could be a reason to refuse it. */
  isFair: boolean;
}

/** The stages of a message, in their order. */
export const STAGES = ['said', 'signing', 'tampering', 'encoding', 'packing', 'request', 'framing'] as const;
export type Stage = (typeof STAGES)[number];

/** Stages of which a message has one step at most: the last would undo the others. */
export const SINGLE: readonly Stage[] = ['signing', 'encoding', 'packing', 'framing'];

/** One thing that is done to a message. */
export interface Step {
  /** Names it in what is printed, so without spaces. */
  readonly name: string;
  readonly stage: Stage;
  /** Whether the message must still be accepted. */
  readonly isFair: boolean;
  apply(draft: Draft, random: Random): void;
}

/** Makes the steps of a stage from what they do, by name. */
export function stepsOf(
  stage: Stage,
  isFair: boolean,
  steps: Readonly<Record<string, Step['apply']>>,
): readonly Step[] {
  return Object.entries(steps).map(([name, apply]) => ({ name: `${stage}.${name}`, stage, isFair, apply }));
}

/** The fields with one value replaced; the field is added where there is none. */
export function withValue(pairs: readonly Pair[], name: string, value: string): Pair[] {
  if (!pairs.some(([other]) => other === name)) return [...pairs, [name, value]];
  return pairs.map((pair) => (pair[0] === name ? [name, value] : pair));
}

export function valueOf(pairs: readonly Pair[], name: string): string {
  return pairs.find(([other]) => other === name)?.[1] ?? '';
}

/** The pairs in an order of chance. */
export function shuffled(pairs: readonly Pair[], random: Random): Pair[] {
  const keyed = pairs.map((pair) => ({ pair, place: random.next() }));
  return keyed.sort((a, b) => a.place - b.place).map(({ pair }) => pair);
}
