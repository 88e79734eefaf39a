import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Post, Res } from '@nestjs/common';
import { Equals, IsNumber, IsOptional, Min } from 'class-validator';
import { VirtualClock } from '../clock/virtual-clock.js';
import { InvalidArgumentError } from '../errors.js';
import { answer, sendJson } from '../http/answer.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation, Property } from './described.js';
import { BooleanFromForm, NumberFromForm } from './from-form.js';
import { one } from './schemas.js';

/** What is asked of the clock: exactly one thing. */
export class ClockBody {
  @Property({ description: 'Move it forward; what falls due on the way happens in order.', minimum: 0 })
  @IsOptional()
  @NumberFromForm()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly advanceSeconds?: number;

  @Property({ description: 'Move it to the moment at which something is due next.', enum: [true] })
  @IsOptional()
  @BooleanFromForm()
  @Equals(true)
  readonly toNext?: true;

  @Property({ description: 'Let it stand still.', enum: [true] })
  @IsOptional()
  @BooleanFromForm()
  @Equals(true)
  readonly stop?: true;

  @Property({ description: 'Let it run.', enum: [true] })
  @IsOptional()
  @BooleanFromForm()
  @Equals(true)
  readonly resume?: true;
}

/** The emulator's clock. */
@ControlApi('clock')
export class ClockController {
  constructor(private readonly clock: VirtualClock) {}

  @Get()
  @Operation('What the clock shows', one('Clock'))
  show(@Res() response: ServerResponse): void {
    sendJson(response, this.#view());
  }

  @Post()
  @HttpCode(200)
  @Operation('Moves, stops or resumes the clock; answered when it has arrived', one('Clock'))
  async change(@Body() body: ClockBody, @Res() response: ServerResponse): Promise<void> {
    const { advanceSeconds, toNext, stop, resume } = body;
    if ([advanceSeconds, toNext, stop, resume].filter((asked) => asked !== undefined).length !== 1) {
      throw new InvalidArgumentError('The body', 'must hold one of advanceSeconds, toNext, stop and resume.');
    }
    if (advanceSeconds !== undefined) await this.clock.advance({ seconds: advanceSeconds });
    if (toNext) await this.clock.advanceToNext();
    if (stop) this.clock.stop();
    if (resume) this.clock.resume();
    answer(response, this.#view());
  }

  #view(): { now: Date; stopped: boolean; nextTimerAt: Date | undefined } {
    const { stopped, nextTimerAt } = this.clock;
    return { now: this.clock.now(), stopped, nextTimerAt };
  }
}
