import { Body, Controller, Get, HttpStatus, Inject, Post, Redirect } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import type { Clock } from 'nestjs-wanpay';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { CLOCK } from '../shop-clock.module.js';
import { shopConfig } from '../shop.config.js';
import { demonstrationPage } from './demonstration.page.js';
import { FailureSwitch } from './failure-switch.js';
import { SwitchForm } from './switch.form.js';

/** What only a demonstration has: it is not found in a shop that follows no emulator. */
@Controller('demonstration')
export class DemonstrationController {
  constructor(
    private readonly failures: FailureSwitch,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(shopConfig.KEY) private readonly config: Pick<ConfigType<typeof shopConfig>, 'emulatorUrl'>,
  ) {}

  @Get()
  show(@RequestLanguage() language: Language): string {
    const emulatorUrl = this.emulatorOrNotFound();
    return demonstrationPage({ emulatorUrl, now: this.clock.now(), isFailing: this.failures.isOn }, language);
  }

  @Post('failure')
  @Redirect('/demonstration', HttpStatus.SEE_OTHER)
  switch(@Body() { failure }: SwitchForm): void {
    this.emulatorOrNotFound();
    this.failures.isOn = failure === 'on';
  }

  private emulatorOrNotFound(): string {
    const { emulatorUrl } = this.config;
    if (emulatorUrl !== undefined) return emulatorUrl;
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這個頁面。', english: 'There is no such page.' }]);
  }
}
