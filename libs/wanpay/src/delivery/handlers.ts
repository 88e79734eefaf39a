import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { TransactionSupport } from '../ledger/ledger.js';
import { ATM_EVENT_TYPES, type AtmEvent, type AtmEventType } from '../ledger/events.js';
import { WanPayError } from '../protocol/index.js';
import { handlerMetadata } from './on-atm-event.decorator.js';

/** A host's method that receives events. */
export interface EventHandler {
  /** What the ledger notes when it did its part: stable across restarts, unique per event type. */
  readonly id: string;
  readonly type: AtmEventType;
  /** Whether it wants to run inside the ledger's transaction, with its client. */
  readonly transaction: boolean;
  handle(event: AtmEvent, client?: unknown): unknown;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A handler can't be registered as it stands; the message says why and what to change. */
export class HandlerRegistrationError extends WanPayError {
  readonly code = 'handler_registration';
}

/**
 * Finds the methods decorated with `@OnAtmEvent` that want this instance's events.
 *
 * @throws HandlerRegistrationError for a request-scoped handler, two that share an id, or a transactional one that the
 * ledger can't serve
 */
export function discoverHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  instance: string,
  transactions: TransactionSupport,
): ReadonlyMap<AtmEventType, readonly EventHandler[]> {
  const handlers = new Map<AtmEventType, EventHandler[]>(ATM_EVENT_TYPES.map((type) => [type, []]));
  const seen = new Set<unknown>();
  for (const wrapper of [...discovery.getProviders(), ...discovery.getControllers()]) {
    const prototype = prototypeOf(wrapper);
    const target: unknown = wrapper.instance;
    if (!isObject(prototype) || seen.has(target)) continue;
    if (isObject(target)) seen.add(target);
    for (const method of scanner.getAllMethodNames(prototype)) {
      const declared = prototype[method];
      if (!isMethod(declared)) continue;
      for (const { type, id, instance: wanted, transaction = false } of handlerMetadata(declared)) {
        if (wanted !== undefined && wanted !== instance) continue;
        const name = id ?? `${classNameOf(prototype)}.${method}`;
        // A transient provider has an instance all the same, but one that was never constructed.
        const isSingleton = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
        if (!isSingleton || !isObject(target)) throw notASingleton(name);
        if (transaction) assertTransactional(name, declared, transactions);
        register(handlers.get(type) ?? [], { id: name, type, transaction, handle: bind(target, method) });
      }
    }
  }
  return handlers;
}

/** Where a provider's methods are: in its class, or in that of what its factory or value came to. */
function prototypeOf({ isNotMetatype, metatype, instance }: Wrapper): unknown {
  if (!isNotMetatype && typeof metatype === 'function') return metatype.prototype;
  return isObject(instance) ? Reflect.getPrototypeOf(instance) : undefined;
}

function classNameOf({ constructor }: Record<string, unknown>): string {
  return typeof constructor === 'function' ? constructor.name : '';
}

function register(registered: EventHandler[], handler: EventHandler): void {
  if (registered.some(({ id }) => id === handler.id)) {
    throw new HandlerRegistrationError(
      `Two handlers of ${handler.type} are both called ${handler.id}. Give one an id: @OnAtmEvent('${handler.type}', { id: '…' }).`,
    );
  }
  registered.push(handler);
}

/** Looks the method up at each call, so that what wrapped it after start-up (a spy, an aspect) takes part. */
function bind(target: Record<string, unknown>, method: string): EventHandler['handle'] {
  return (event, client) => {
    const handle = target[method];
    const result: unknown =
      typeof handle === 'function'
        ? Reflect.apply(handle, target, client === undefined ? [event] : [event, client])
        : undefined;
    return result;
  };
}

function assertTransactional(name: string, method: object, transactions: TransactionSupport): void {
  if (transactions === 'none') {
    throw new HandlerRegistrationError(
      `${name} asks for a transaction, and this ledger has none. Use sqlite() or postgres(), or leave out { transaction: true }.`,
    );
  }
  if (transactions === 'sync' && method.constructor.name === 'AsyncFunction') {
    throw new HandlerRegistrationError(
      `${name} is async and asks for a transaction, and SQLite's can't wait: it would hold up every other write. ` +
        'Make the handler synchronous, or use postgres().',
    );
  }
}

function notASingleton(name: string): HandlerRegistrationError {
  return new HandlerRegistrationError(
    `${name} is request-scoped or transient, and an event has no request. Move the handler to a singleton provider.`,
  );
}

function isMethod(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
