import { Module } from '@nestjs/common';
import { ShopClockModule } from '../shop-clock.module.js';
import { DeskPassword } from './desk.password.js';

/** What the guard of the desk needs. */
@Module({ imports: [ShopClockModule], providers: [DeskPassword], exports: [DeskPassword, ShopClockModule] })
export class DeskAccessModule {}
