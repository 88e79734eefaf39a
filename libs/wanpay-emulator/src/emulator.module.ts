import { type DynamicModule, Module } from '@nestjs/common';
import { Bank } from './bank/bank.js';
import { VirtualClock } from './clock/virtual-clock.js';
import { ControlController } from './desk/control.controller.js';
import { DeskController } from './desk/desk.controller.js';
import { Operator } from './desk/operator.js';
import { EmulatorSettings } from './emulator.settings.js';
import { FaultPlan } from './faults/faults.js';
import { Merchants } from './merchants/merchants.js';
import { Notifier } from './notifications/notifier.js';
import { AccountIssuer } from './orders/account.js';
import { OrderBook } from './orders/order-book.js';
import { Gate } from './platform/gate.js';
import { OrderInterface } from './platform/order-interface.js';
import { PlatformController } from './platform/platform.controller.js';
import { QueryInterface } from './platform/query-interface.js';

/** The emulator as a Nest application. */
@Module({})
export class EmulatorModule {
  /** @throws InvalidArgumentError when the clock or a merchant cannot be */
  static with(settings: EmulatorSettings): DynamicModule {
    return {
      module: EmulatorModule,
      controllers: [PlatformController, DeskController, ControlController],
      providers: [
        { provide: EmulatorSettings, useValue: settings },
        { provide: VirtualClock, useValue: new VirtualClock(settings.clock) },
        { provide: Merchants, useValue: new Merchants(settings.merchants) },
        AccountIssuer,
        Bank,
        FaultPlan,
        Gate,
        Notifier,
        Operator,
        OrderBook,
        OrderInterface,
        QueryInterface,
      ],
    };
  }
}
