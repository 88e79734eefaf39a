import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ATM_EVENT_TYPES, type AtmEvent, type AtmEventType } from '../ledger/events.js';
import type { Subscription, TransactionSupport } from '../ledger/store.js';
import { StructuredLogger } from '../logging/structured-logger.js';
import { WanPayError } from '../protocol/index.js';
import type { AtmHandlerContext } from './handler-context.js';
import { type HandlerMetadata, handlerMetadata } from './on-atm-event.decorator.js';

/** A host's method that receives events. */
export interface EventHandler {
  /** Its name in the ledger: stable across restarts, unique per event type. */
  readonly id: string;
  readonly type: AtmEventType;
  /** Whether it runs inside the ledger's transaction, with its client. */
  readonly transaction: boolean;
  /** Whether it is declared as async. */
  readonly isAsync: boolean;
  handle(event: AtmEvent, context: AtmHandlerContext<unknown>): unknown;
}

/** A handler that is registered by hand. */
export interface AddedHandler {
  readonly id: string;
  readonly type: AtmEventType;
  readonly transaction?: boolean | undefined;
  handle(event: AtmEvent, context: AtmHandlerContext<unknown>): unknown;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

const LONGEST_ID = 200;
/** A class that a minifier named has so short a name. */
const SHORT_NAME = /^[\w$]{0,2}$/;

/** A handler can't be registered as it stands; the message says why and what to change. */
export class HandlerRegistrationError extends WanPayError {
  readonly code = 'handler_registration';
}

const logger = new StructuredLogger('WanPayDelivery');

/** The handlers of this process, by what identifies them in the ledger. */
export class Handlers {
  private readonly handlers = new Map<string, EventHandler>();
  /** How many handlers there are of each type. */
  private counts = new Map<AtmEventType, number>();
  private known: readonly Subscription[] = [];

  constructor(private readonly transactions: TransactionSupport) {}

  get all(): readonly EventHandler[] {
    return [...this.handlers.values()];
  }

  get subscriptions(): readonly Subscription[] {
    return this.known;
  }

  find(handler: string, type: AtmEventType): EventHandler | undefined {
    return this.handlers.get(nameOf(handler, type));
  }

  has(type: AtmEventType): boolean {
    return this.counts.has(type);
  }

  /** How many handler calls events of these types cause. */
  countOf(types: readonly AtmEventType[]): number {
    return types.reduce((sum, type) => sum + (this.counts.get(type) ?? 0), 0);
  }

  /** @throws HandlerRegistrationError when its id is taken or no id, or it wants a transaction that the ledger doesn't have */
  add(handler: EventHandler): void {
    const { id, type, transaction } = handler;
    if (typeof id !== 'string' || id.length === 0 || id.length > LONGEST_ID || id.includes('\0')) {
      throw new HandlerRegistrationError(`A handler's id must be text of 1 to ${LONGEST_ID} characters without a NUL.`);
    }
    if (!ATM_EVENT_TYPES.includes(type)) {
      throw new HandlerRegistrationError(
        `${id} wants events of type ${type}; there are ${ATM_EVENT_TYPES.join(', ')}.`,
      );
    }
    if (this.find(id, type)) {
      throw new HandlerRegistrationError(
        `Two handlers of ${type} are both called ${id}. Give one an id: @OnAtmEvent('${type}', { id: '…' }).`,
      );
    }
    if (transaction) this.assertTransactional(handler);
    this.handlers.set(nameOf(id, type), handler);
    this.summarize();
  }

  remove({ id, type }: EventHandler): void {
    this.handlers.delete(nameOf(id, type));
    this.summarize();
  }

  private summarize(): void {
    this.known = this.all.map(({ id: handler, type }) => ({ handler, type }));
    this.counts = new Map();
    for (const { type } of this.all) this.counts.set(type, this.countOf([type]) + 1);
  }

  private assertTransactional({ id, isAsync }: EventHandler): void {
    if (this.transactions === 'none') {
      throw new HandlerRegistrationError(
        `${id} asks for a transaction, and this ledger has none. Use sqlite(), postgres() or mysql(), or leave out { transaction: true }.`,
      );
    }
    if (this.transactions === 'sync' && isAsync) {
      throw new HandlerRegistrationError(
        `${id} is async and asks for a transaction, and SQLite's can't wait: it would hold up every other write. ` +
          'Make the handler synchronous, or use postgres() or mysql().',
      );
    }
  }
}

/**
 * Finds the methods decorated with `@OnAtmEvent` that want this instance's events. A class that several modules provide is one
 * handler: the first instance that is found gets the events.
 *
 * @throws HandlerRegistrationError for a request-scoped handler, two that share an id, or a transactional one that the ledger
 * can't serve
 */
export function discoverHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  instance: string,
  handlers: { register(handler: EventHandler): void },
): void {
  for (const { wrapper, prototype, method, metadata } of declarationsOf(discovery, scanner)) {
    const { type, id: given, instance: wanted, transaction = false } = metadata;
    if (wanted !== undefined && wanted !== instance) continue;
    const target: unknown = wrapper.instance;
    const id = given ?? defaultId(prototype, method);
    // A transient provider has an instance all the same, but one that was never constructed.
    const isSingleton = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
    if (!isSingleton || !isObject(target)) throw notASingleton(id);
    if (given === undefined && isMinified(prototype)) warnOfMinifier(id, type);
    handlers.register({
      id,
      type,
      transaction,
      isAsync: isAsyncFunction(target[method]),
      handle: bind(target, method),
    });
  }
}

/** Warns of handlers that no instance calls, because the one that they name is not there. */
export function warnOfStrayHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  instances: readonly string[],
): void {
  for (const { prototype, method, metadata } of declarationsOf(discovery, scanner)) {
    const { id = defaultId(prototype, method), type, instance } = metadata;
    if (instance === undefined || instances.includes(instance)) continue;
    logger.warn(
      'handler_of_no_instance',
      `The handler ${id} of ${type} is never called: it names the instance ${JSON.stringify(instance)}, and this application ` +
        `has ${instances.map((name) => JSON.stringify(name)).join(', ')}. Correct @OnAtmEvent('${type}', { instance: '…' }), ` +
        'or give WanPayModule that name.',
      { handler: id, eventType: type, instance },
    );
  }
}

/** A method that is decorated with `@OnAtmEvent`, once for each of its decorators. */
interface Declaration {
  readonly wrapper: Wrapper;
  readonly prototype: Record<string, unknown>;
  readonly method: string;
  readonly metadata: HandlerMetadata;
}

function declarationsOf(discovery: DiscoveryService, scanner: MetadataScanner): readonly Declaration[] {
  const seen = new Set<object>();
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) => {
    const prototype = prototypeOf(wrapper);
    if (!isObject(prototype) || seen.has(prototype)) return [];
    seen.add(prototype);
    return scanner
      .getAllMethodNames(prototype)
      .flatMap((method) =>
        handlerMetadata(prototype, method).map((metadata) => ({ wrapper, prototype, method, metadata })),
      );
  });
}

function defaultId({ constructor }: Record<string, unknown>, method: string): string {
  return `${typeof constructor === 'function' ? constructor.name : ''}.${method}`;
}

/** Whether a minifier named the class, or nobody: it would have another name with each build. People write on several lines. */
function isMinified({ constructor }: Record<string, unknown>): boolean {
  if (typeof constructor !== 'function' || constructor.name === '') return true;
  return SHORT_NAME.test(constructor.name) && !String(constructor).includes('\n');
}

function warnOfMinifier(id: string, type: AtmEventType): void {
  logger.warn(
    'handler_name_unstable',
    `The handler ${id} seems to have been named by a minifier, so its id would change with each build. ` +
      `Give it one: @OnAtmEvent('${type}', { id: '…' }).`,
    { handler: id, eventType: type },
  );
}

function nameOf(handler: string, type: AtmEventType): string {
  return `${type} ${handler}`;
}

/** Where a provider's methods are: in its class, or in that of what its factory or value came to. */
function prototypeOf({ isNotMetatype, metatype, instance }: Wrapper): unknown {
  if (!isNotMetatype && typeof metatype === 'function') return metatype.prototype;
  return isObject(instance) ? Reflect.getPrototypeOf(instance) : undefined;
}

/** Looks the method up at each call, so that what wrapped it after start-up (a spy, an aspect) takes part. */
function bind(target: Record<string, unknown>, method: string): EventHandler['handle'] {
  return (event, context) => {
    const handle = target[method];
    const result: unknown = typeof handle === 'function' ? Reflect.apply(handle, target, [event, context]) : undefined;
    return result;
  };
}

/** A handler that was registered by hand. */
export function fromAdded(added: AddedHandler): EventHandler {
  if (!hasHandle(added)) throw new HandlerRegistrationError('A handler must be an object with a function handle.');
  const { id, type, transaction = false } = added;
  const isAsync = isAsyncFunction(added.handle.bind(added));
  return { id, type, transaction, isAsync, handle: (event, context) => added.handle(event, context) };
}

/** Callers without types exist. */
function hasHandle(added: unknown): boolean {
  return typeof added === 'object' && added !== null && 'handle' in added && typeof added.handle === 'function';
}

/** Whether a function was declared as async. */
function isAsyncFunction(value: unknown): boolean {
  return typeof value === 'function' && value.constructor.name === 'AsyncFunction';
}

function notASingleton(name: string): HandlerRegistrationError {
  return new HandlerRegistrationError(
    `${name} is request-scoped or transient, and an event has no request. Move the handler to a singleton provider.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
