import { WanPayError, WanPayModule, WanPayService } from 'nestjs-wanpay';
import { signNotification } from 'nestjs-wanpay/protocol';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { WanPayTestingModule } from 'nestjs-wanpay/testing';
import { startWanPayEmulator } from 'wanpay-emulator';

export const exported = [
  WanPayError,
  WanPayModule,
  WanPayService,
  WanPayTestingModule,
  signNotification,
  sqlite,
  startWanPayEmulator,
];
