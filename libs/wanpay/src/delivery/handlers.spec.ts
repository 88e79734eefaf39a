import { describe, expect, it, jest } from '@jest/globals';
import { Controller, Inject, Injectable, Logger, Module, type Provider, Scope, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { type AtmEvent, type AtmEventType, type AtmUnknownOrder, eventBase } from '../ledger/events.js';
import type { TransactionSupport } from '../ledger/store.js';
import type { AtmHandlerContext } from './handler-context.js';
import { discoverHandlers, type EventHandler, Handlers } from './handlers.js';
import { OnAtmEvent } from './on-atm-event.decorator.js';

const EVENT: AtmUnknownOrder = {
  ...eventBase('atm.unknown_order', { merchantNo: '1265', orderNo: 'A1', livemode: false }, new Date(0)),
  outcome: { status: 'paid', code: '0000' },
};

const CONTEXT: AtmHandlerContext = { attempt: 1, signal: new AbortController().signal, transaction: undefined };

/** A host with those providers and controllers, and what is discovered in it. */
async function discoverIn(
  providers: Provider[],
  {
    controllers = [],
    instance = 'default',
    transactions = 'async',
  }: { controllers?: Type[]; instance?: string; transactions?: TransactionSupport } = {},
): Promise<{ found: Handlers; get: <T>(type: Type<T>) => T }> {
  const host = await Test.createTestingModule({ imports: [DiscoveryModule], providers, controllers }).compile();
  const found = new Handlers(transactions);
  discoverHandlers(host.get(DiscoveryService), new MetadataScanner(), instance, {
    register: (handler) => {
      found.add(handler);
    },
  });
  return { found, get: (type) => host.get(type) };
}

function of(found: Handlers, type: AtmEventType): readonly EventHandler[] {
  return found.all.filter((handler) => handler.type === type);
}

function idsOf(found: Handlers, type: AtmEventType): string[] {
  return of(found, type)
    .map(({ id }) => id)
    .sort();
}

/** Replaces the method, as decorators that trace or retry do. */
function traced(_target: object, _name: string, descriptor: TypedPropertyDescriptor<() => string>): void {
  const { value: inner } = descriptor;
  descriptor.value = function (this: unknown) {
    return `traced ${inner?.call(this) ?? ''}`;
  };
}

@Injectable()
class Shipping {
  readonly shipped: AtmEvent[] = [];

  @OnAtmEvent('atm.paid')
  ship(event: AtmEvent): string {
    this.shipped.push(event);
    return 'shipped';
  }

  pack(): string {
    return 'packed';
  }
}

describe('discovery', () => {
  it('finds the decorated methods of providers and no others', async () => {
    const { found } = await discoverIn([Shipping]);
    expect(found.all).toMatchObject([{ id: 'Shipping.ship', type: 'atm.paid' }]);
  });

  it('warns of a class that a minifier named, and not of one with a short name', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    class HT {
      @OnAtmEvent('atm.paid')
      ship(): void {
        return;
      }
    }
    class aT {
      // As a minifier would have written it.
      static toString(): string {
        return 'class aT{s(){}}';
      }

      @OnAtmEvent('atm.paid')
      s(): void {
        return;
      }
    }
    await discoverIn([HT, aT]);
    expect(warn.mock.calls.map(([text]): unknown => text)).toEqual([
      expect.stringContaining('aT.s seems to have been named by a minifier'),
    ]);
    warn.mockRestore();
  });

  it('finds those of controllers', async () => {
    @Controller()
    class Hook {
      @OnAtmEvent('atm.issued')
      show(): void {
        return;
      }
    }
    const { found } = await discoverIn([], { controllers: [Hook] });
    expect(idsOf(found, 'atm.issued')).toStrictEqual(['Hook.show']);
  });

  it('calls a handler as a method of its instance, and passes on what it returns', async () => {
    const { found, get } = await discoverIn([Shipping]);
    expect(of(found, 'atm.paid')[0]?.handle(EVENT, CONTEXT)).toBe('shipped');
    expect(get(Shipping).shipped).toStrictEqual([EVENT]);
  });

  it('lets a spy that was put on after the start take part', async () => {
    const { found, get } = await discoverIn([Shipping]);
    const ship = jest.spyOn(get(Shipping), 'ship').mockReturnValue('spied');
    expect(of(found, 'atm.paid')[0]?.handle(EVENT, CONTEXT)).toBe('spied');
    expect(ship.mock.calls).toStrictEqual([[EVENT, CONTEXT]]);
    expect(get(Shipping).shipped).toStrictEqual([]);
  });

  it('takes two decorators on one method for two handlers', async () => {
    @Injectable()
    class Ledgers {
      @OnAtmEvent('atm.failed')
      @OnAtmEvent('atm.expired', { id: 'free-the-seat' })
      release(): void {
        return;
      }
    }
    const { found } = await discoverIn([Ledgers]);
    expect(idsOf(found, 'atm.failed')).toStrictEqual(['Ledgers.release']);
    expect(idsOf(found, 'atm.expired')).toStrictEqual(['free-the-seat']);
  });

  it('finds what a class inherits, under its own name', async () => {
    @Injectable()
    class Express extends Shipping {}
    const { found } = await discoverIn([Shipping, Express]);
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['Express.ship', 'Shipping.ship']);
  });

  it('finds a method that a subclass overrides without repeating the decorator', async () => {
    @Injectable()
    class Pickup extends Shipping {
      override ship(): string {
        return 'waits for you';
      }
    }
    const { found } = await discoverIn([Pickup]);
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['Pickup.ship']);
    expect(of(found, 'atm.paid')[0]?.handle(EVENT, CONTEXT)).toBe('waits for you');
  });

  it('finds a method that other decorators replaced, whichever is applied first', async () => {
    @Injectable()
    class Traced {
      @traced
      @OnAtmEvent('atm.paid')
      ship(): string {
        return 'shipped';
      }

      @OnAtmEvent('atm.failed')
      @traced
      release(): string {
        return 'released';
      }
    }
    const { found } = await discoverIn([Traced]);
    expect(of(found, 'atm.paid')[0]?.handle(EVENT, CONTEXT)).toBe('traced shipped');
    expect(of(found, 'atm.failed')[0]?.handle(EVENT, CONTEXT)).toBe('traced released');
  });

  it('takes one class that two modules provide for one handler', async () => {
    @Module({ providers: [Shipping], exports: [Shipping] })
    class One {}
    @Module({ providers: [Shipping] })
    class Other {}
    const host = await Test.createTestingModule({ imports: [DiscoveryModule, One, Other] }).compile();
    const found = new Handlers('async');
    discoverHandlers(host.get(DiscoveryService), new MetadataScanner(), 'default', {
      register: (handler) => {
        found.add(handler);
      },
    });
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['Shipping.ship']);
  });

  it('finds a provider under another token once, also when it has an alias', async () => {
    const { found } = await discoverIn([
      { provide: 'SHIPPING', useClass: Shipping },
      { provide: 'ALIAS', useExisting: 'SHIPPING' },
    ]);
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['Shipping.ship']);
  });

  it.each<[string, Provider]>([
    ['a factory', { provide: Shipping, useFactory: () => new Shipping() }],
    ['a factory that takes its time', { provide: Shipping, useFactory: () => Promise.resolve(new Shipping()) }],
    ['a value', { provide: Shipping, useValue: new Shipping() }],
  ])('finds what %s provides', async (_, provider) => {
    const { found } = await discoverIn([provider, { provide: 'ALIAS', useExisting: Shipping }]);
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['Shipping.ship']);
    expect(of(found, 'atm.paid')[0]?.handle(EVENT, CONTEXT)).toBe('shipped');
  });

  it('minds no provider that is not an object', async () => {
    const values = [undefined, null, 0, 'text', Symbol('s'), () => 1, Object.create(null), Promise.resolve(1)];
    const providers = values.map((useValue: unknown, i) => ({ provide: Symbol(String(i)), useValue }));
    expect((await discoverIn(providers)).found.all).toStrictEqual([]);
  });

  it('runs no getter', async () => {
    const read = jest.fn();
    @Injectable()
    class Lazy {
      get connection(): undefined {
        read();
        return undefined;
      }
    }
    await discoverIn([Lazy]);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('an instance’s handlers', () => {
  @Injectable()
  class Both {
    @OnAtmEvent('atm.paid')
    any(): void {
      return;
    }

    @OnAtmEvent('atm.paid', { instance: 'school' })
    school(): void {
      return;
    }

    @OnAtmEvent('atm.paid', { instance: 'default' })
    unnamed(): void {
      return;
    }
  }

  it.each([
    ['default', ['Both.any', 'Both.unnamed']],
    ['school', ['Both.any', 'Both.school']],
    ['club', ['Both.any']],
  ])('of %s are those that name it or none', async (instance, ids) => {
    const { found } = await discoverIn([Both], { instance });
    expect(idsOf(found, 'atm.paid')).toStrictEqual(ids);
  });

  it('of another instance may share an id', async () => {
    @Injectable()
    class Named {
      @OnAtmEvent('atm.paid', { id: 'ship', instance: 'school' })
      school(): void {
        return;
      }

      @OnAtmEvent('atm.paid', { id: 'ship', instance: 'club' })
      club(): void {
        return;
      }
    }
    const { found } = await discoverIn([Named], { instance: 'club' });
    expect(idsOf(found, 'atm.paid')).toStrictEqual(['ship']);
  });
});

describe('a handler that can’t be registered', () => {
  it('shares its id with another of the same event', async () => {
    @Injectable()
    class Twice {
      @OnAtmEvent('atm.paid', { id: 'ship' })
      one(): void {
        return;
      }

      @OnAtmEvent('atm.paid', { id: 'ship' })
      two(): void {
        return;
      }
    }
    await expect(discoverIn([Twice])).rejects.toMatchObject({
      code: 'handler_registration',
      message: "Two handlers of atm.paid are both called ship. Give one an id: @OnAtmEvent('atm.paid', { id: '…' }).",
    });
  });

  it('shares its name with another class’s', async () => {
    const other = ((): Type => {
      @Injectable()
      class Shipping {
        @OnAtmEvent('atm.paid')
        ship(): void {
          return;
        }
      }
      return Shipping;
    })();
    await expect(discoverIn([Shipping, other])).rejects.toThrow('both called Shipping.ship');
  });

  it('may share an id with a handler of another event', async () => {
    @Injectable()
    class Mail {
      @OnAtmEvent('atm.paid', { id: 'mail' })
      paid(): void {
        return;
      }

      @OnAtmEvent('atm.failed', { id: 'mail' })
      failed(): void {
        return;
      }
    }
    const { found } = await discoverIn([Mail]);
    expect(idsOf(found, 'atm.paid')).toStrictEqual(idsOf(found, 'atm.failed'));
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])('is in a provider of scope %d', async (scope) => {
    @Injectable({ scope })
    class Scoped extends Shipping {}
    await expect(discoverIn([Scoped])).rejects.toMatchObject({
      code: 'handler_registration',
      message: expect.stringContaining('Scoped.ship is request-scoped or transient'),
    });
  });

  it('depends on the request through what is injected into it', async () => {
    @Injectable()
    class Depending extends Shipping {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
    }
    await expect(discoverIn([Depending])).rejects.toThrow('Depending.ship is request-scoped');
  });

  it('is minded only by the instance whose events it wants', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @OnAtmEvent('atm.paid', { instance: 'school' })
      ship(): void {
        return;
      }
    }
    await expect(discoverIn([Scoped])).resolves.toBeDefined();
  });

  it('may be anywhere if it is no handler', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Other {
      act(): void {
        return;
      }
    }
    await expect(discoverIn([Other])).resolves.toBeDefined();
  });
});

describe('a handler that asks for a transaction', () => {
  @Injectable()
  class Booking {
    readonly clients: unknown[] = [];

    @OnAtmEvent('atm.unknown_order', { transaction: true })
    book(_event: AtmUnknownOrder, { transaction }: AtmHandlerContext<string>): void {
      this.clients.push(transaction);
    }
  }

  @Injectable()
  class AsyncBooking {
    @OnAtmEvent('atm.unknown_order', { transaction: true })
    async book(): Promise<void> {
      await Promise.resolve();
    }
  }

  it('is refused where the ledger has none', async () => {
    await expect(discoverIn([Booking], { transactions: 'none' })).rejects.toThrow(
      /Booking\.book .*this ledger has none/,
    );
  });

  it('may be async only where the ledger can wait', async () => {
    await expect(discoverIn([AsyncBooking], { transactions: 'sync' })).rejects.toThrow(/Make the handler synchronous/);
    expect(idsOf((await discoverIn([AsyncBooking])).found, 'atm.unknown_order')).toEqual(['AsyncBooking.book']);
    expect(idsOf((await discoverIn([Booking], { transactions: 'sync' })).found, 'atm.unknown_order')).toEqual([
      'Booking.book',
    ]);
  });

  it('is given the client of its transaction', async () => {
    const { found, get } = await discoverIn([Booking]);
    const [booking] = of(found, 'atm.unknown_order');
    expect(booking?.transaction).toBe(true);
    booking?.handle(EVENT, { ...CONTEXT, transaction: 'the client' });
    expect(get(Booking).clients).toEqual(['the client']);
  });
});
