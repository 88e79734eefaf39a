import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ATM_EVENT_TYPES, type AtmEvent, type AtmEventType } from '../ledger/events.js';
import { WanPayError } from '../protocol/index.js';
import { handlerMetadata } from './on-atm-event.decorator.js';

/** A host's method that receives events. */
export interface EventHandler {
  /** What the ledger notes when it did its part: stable across restarts, unique per event type. */
  readonly id: string;
  readonly type: AtmEventType;
  handle(event: AtmEvent): unknown;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A handler can't be registered as it stands; the message says why and what to change. */
export class HandlerRegistrationError extends WanPayError {
  readonly code = 'handler_registration';
}

/**
 * Finds the methods decorated with `@OnAtmEvent` that want this instance's events.
 *
 * @throws HandlerRegistrationError for a request-scoped handler, or two that share an id
 */
export function discoverHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  instance: string,
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
      for (const { type, id, instance: wanted } of handlerMetadata(declared)) {
        if (wanted !== undefined && wanted !== instance) continue;
        const name = id ?? `${classNameOf(prototype)}.${method}`;
        // A transient provider has an instance all the same, but one that was never constructed.
        const isSingleton = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
        if (!isSingleton || !isObject(target)) throw notASingleton(name);
        register(handlers.get(type) ?? [], { id: name, type, handle: bind(target, method) });
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
function bind(target: Record<string, unknown>, method: string): (event: AtmEvent) => unknown {
  return (event) => {
    const handle = target[method];
    const result: unknown = typeof handle === 'function' ? Reflect.apply(handle, target, [event]) : undefined;
    return result;
  };
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
