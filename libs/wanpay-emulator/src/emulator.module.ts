import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ClockController } from './api/clock.controller.js';
import { ApiDocument } from './api/document.js';
import { FaultController } from './api/fault.controller.js';
import { HistoryController } from './api/history.controller.js';
import { MerchantController } from './api/merchant.controller.js';
import { OrderController } from './api/order.controller.js';
import { SessionController } from './api/session.controller.js';
import { Bank } from './bank/bank.js';
import { ClockFollowers } from './clock/clock-followers.js';
import { VirtualClock, type VirtualClockOptions } from './clock/virtual-clock.js';
import { ConsoleController } from './console/console.controller.js';
import { ConsolePages } from './console/console.pages.js';
import { ProblemFilter } from './console/problem.filter.js';
import { EmulatorSettings } from './emulator.settings.js';
import { seededChance } from './faults/chance.js';
import { FaultPlan } from './faults/fault-plan.js';
import { Changes } from './journal/changes.js';
import { OwnSite } from './http/own-site.js';
import { Journal } from './journal/journal.js';
import { LiveEvents } from './journal/live-events.js';
import { Merchants } from './merchants/merchants.js';
import { Notifier } from './notifications/notifier.js';
import { AccountIssuer } from './orders/account.js';
import { OrderBook } from './orders/order-book.js';
import { ApplicationClocks } from './platform/application-clocks.js';
import { FaultyReplies } from './platform/faulty-replies.js';
import { Gate } from './platform/gate.js';
import { OrderInterface } from './platform/order-interface.js';
import { PlatformController } from './platform/platform.controller.js';
import { QueryInterface } from './platform/query-interface.js';
import { Scenarios } from './scenarios/scenario.js';
import { FreshSession } from './session/fresh-session.js';
import { Session } from './session/session.js';
import { type Snapshot, Snapshots } from './state/snapshot.js';
import { StateKeeper } from './state/state-keeper.js';

const CONTROL_API = [
  OrderController,
  ClockController,
  FaultController,
  MerchantController,
  SessionController,
  HistoryController,
];

/** The emulator as a Nest application. */
@Module({})
export class EmulatorModule {
  /**
   * @param kept the state of the last run, whose clock and merchants count
   * @throws InvalidArgumentError when the clock or a merchant cannot be
   */
  static with(settings: EmulatorSettings, kept?: Snapshot): DynamicModule {
    return {
      module: EmulatorModule,
      controllers: [PlatformController, ...CONTROL_API, ConsoleController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: EmulatorSettings, useValue: settings },
        { provide: ApiDocument, useValue: new ApiDocument(CONTROL_API) },
        ...ground(settings, kept ? clockAfter(kept) : settings.clock),
        AccountIssuer,
        ApplicationClocks,
        Bank,
        ClockFollowers,
        ConsolePages,
        FaultyReplies,
        FreshSession,
        Gate,
        LiveEvents,
        Notifier,
        OrderBook,
        OrderInterface,
        OwnSite,
        QueryInterface,
        Scenarios,
        Session,
        Snapshots,
        StateKeeper,
      ],
    };
  }
}

/** What knows nothing of Nest, put together by hand. */
function ground(settings: EmulatorSettings, clockOptions: VirtualClockOptions): Provider[] {
  const clock = new VirtualClock(clockOptions);
  const changes = new Changes();
  const journal = new Journal(clock, changes, { entries: settings.historyLimit, bytes: settings.historyBytes });
  clock.watch(() => {
    changes.tell({ topic: 'clock' });
  });
  return [
    { provide: VirtualClock, useValue: clock },
    { provide: Changes, useValue: changes },
    { provide: Journal, useValue: journal },
    { provide: Merchants, useValue: new Merchants(settings.merchants, journal) },
    { provide: FaultPlan, useValue: new FaultPlan(journal, seededChance(settings.seed)) },
  ];
}

/** A clock that stood still still does; one that ran has gone on meanwhile. */
function clockAfter({ clock: { now, stopped, realTime } }: Snapshot): VirtualClockOptions {
  const meanwhile = stopped ? 0 : Math.max(0, Date.now() - realTime.getTime());
  return { stopped, startAt: new Date(now.getTime() + meanwhile) };
}
