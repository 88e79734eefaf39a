import 'reflect-metadata';
import type { AtmEventOf, AtmEventType } from '../ledger/events.js';
import type { AtmHandlerContext } from './handler-context.js';

/** How a handler is registered. */
export interface OnAtmEventOptions {
  /**
   * The handler's name in the ledger, by which it gets its deliveries. Defaults to `Class.method`. Give one to be free to
   * rename the class or the method, and where the code is minified.
   */
  readonly id?: string | undefined;
  /** The module instance whose events are wanted; left out, those of every instance. */
  readonly instance?: string | undefined;
  /**
   * Runs the handler inside the transaction that marks its delivery as done, and passes that transaction's client as
   * `context.transaction`: what the handler writes through it happens exactly once. On PostgreSQL the client is a `pg` client;
   * on SQLite a database handle, which the handler must use synchronously.
   */
  readonly transaction?: boolean | undefined;
}

/** What the decorator notes about a method. */
export interface HandlerMetadata extends OnAtmEventOptions {
  readonly type: AtmEventType;
}

/** The same in every copy of this package, so that each finds the handlers that another one's decorator registered. */
const METADATA_KEY = Symbol.for('nestjs-wanpay/on-atm-event/1');

/**
 * Makes a method of a provider or controller a durable handler: it is called at least once for each such event, in order per
 * payment, again with growing pauses while it throws or rejects. After the last attempt its delivery becomes a dead letter
 * that can be replayed. Make it idempotent by `event.id`.
 *
 * The registration belongs to the class and the method's name: other decorators may wrap the method, and subclasses that
 * override it inherit the registration.
 */
export function OnAtmEvent<Type extends AtmEventType>(type: Type, options: OnAtmEventOptions = {}) {
  // Generic in the method, since a descriptor's type is invariant: any method that can take the event will do.
  return <Handler extends (event: AtmEventOf<Type>, context: AtmHandlerContext<never>) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    if (!descriptor.value) return;
    const own = ownMetadata(target, name);
    Reflect.defineMetadata(METADATA_KEY, [...own, { ...options, type }], target, name);
  };
}

/** The registrations of a class's method, its own or inherited; empty for any other. */
export function handlerMetadata(prototype: object, name: string | symbol): readonly HandlerMetadata[] {
  const metadata: unknown = Reflect.getMetadata(METADATA_KEY, prototype, name);
  return isMetadata(metadata) ? metadata : [];
}

function ownMetadata(target: object, name: string | symbol): readonly HandlerMetadata[] {
  const metadata: unknown = Reflect.getOwnMetadata(METADATA_KEY, target, name);
  return isMetadata(metadata) ? metadata : [];
}

function isMetadata(value: unknown): value is readonly HandlerMetadata[] {
  return Array.isArray(value);
}
