import { SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AtmEventOf, AtmEventType } from '../ledger/events.js';

/** How a handler is registered. */
export interface OnAtmEventOptions {
  /**
   * The handler's name in the ledger, where it is noted that it did its part. Defaults to `Class.method`; give one
   * where two handlers would share that, and keep it when you rename the class.
   */
  readonly id?: string;
  /** The module instance whose events are wanted; left out, those of every instance. */
  readonly instance?: string;
  /**
   * Runs the handler inside the ledger's transaction that marks it as having handled the event, and passes the client
   * of that transaction as a second argument: what the handler writes through it happens exactly once. On PostgreSQL
   * the client is a `pg` client; on SQLite a database handle, which the handler must use synchronously.
   */
  readonly transaction?: boolean;
}

/** What the decorator leaves on a method. */
export interface HandlerMetadata extends OnAtmEventOptions {
  readonly type: AtmEventType;
}

const METADATA_KEY = 'wanpay:on-atm-event';
const reflector = new Reflector();

/**
 * Makes a method of a provider or controller a durable handler: it is called at least once for each such event, in
 * order per payment, again with growing pauses while it throws or rejects, and after the last attempt the event becomes
 * a dead letter that can be replayed. Make it idempotent with `event.id`.
 */
export function OnAtmEvent<Type extends AtmEventType>(type: Type, options: OnAtmEventOptions = {}) {
  // Generic in the method, since a descriptor's type is invariant: any method that can take the event will do.
  return <Handler extends (event: AtmEventOf<Type>, client: never) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    const { value: method } = descriptor;
    if (!method) return;
    SetMetadata(METADATA_KEY, [...handlerMetadata(method), { ...options, type }])(target, name, descriptor);
  };
}

/** The registrations on a method; empty for any other. */
export function handlerMetadata(method: (...args: never[]) => unknown): readonly HandlerMetadata[] {
  return reflector.get<readonly HandlerMetadata[] | undefined>(METADATA_KEY, method) ?? [];
}
