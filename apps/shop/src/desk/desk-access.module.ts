import { Module } from '@nestjs/common';
import { clockProvider } from '../shop-clock.js';
import { DeskPassword } from './desk.password.js';

/** What the guard of the desk needs. */
@Module({ providers: [DeskPassword, clockProvider], exports: [DeskPassword, clockProvider] })
export class DeskAccessModule {}
