import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { Equals, IsBoolean, IsInt, IsNumber, IsOptional, Min } from 'class-validator';
import { ClockFollowers } from '../clock/clock-followers.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { InvalidArgumentError } from '../errors.js';
import { answer, sendJson } from '../http/answer.js';
import { ApplicationClocks } from '../platform/application-clocks.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation, Property } from './described.js';
import { BooleanFromForm, NumberFromForm } from './from-form.js';
import { listOf, one } from './schemas.js';

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

/** How the clock is followed. */
export class FollowQuery {
  @Property({ description: 'Whether moves wait until this follower says that it has arrived. Default: no.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly confirm?: boolean;
}

/** Where a follower has arrived. */
export class ArrivedBody {
  @Property({ description: 'The `step` of the event.', minimum: 1 }, { required: true })
  @IsInt()
  readonly step: number = 0;
}

/** The emulator's clock. */
@ControlApi('clock')
export class ClockController {
  constructor(
    private readonly clock: VirtualClock,
    private readonly followers: ClockFollowers,
    private readonly applications: ApplicationClocks,
  ) {}

  @Get()
  @Operation('What the clock shows', one('Clock'))
  show(@Res() response: ServerResponse): void {
    sendJson(response, this.#view());
  }

  @Get('stream')
  @Operation(
    'Server-sent events named clock, with what the clock shows: at the beginning, whenever it is stopped, resumed, moved or set, and every five seconds',
    one('ClockEvent'),
    'text/event-stream',
  )
  stream(@Query() { confirm = false }: FollowQuery, @Res() response: ServerResponse): void {
    this.followers.stream(response, confirm);
  }

  @Get('differences')
  @Operation(
    'The applications whose clock differs from this one, as their latest signed requests show it',
    listOf('ApplicationClock'),
  )
  differences(@Res() response: ServerResponse): void {
    sendJson(response, this.applications.differing());
  }

  @Post('followers/:follower/arrived')
  @HttpCode(200)
  @Operation('A follower that confirms has arrived at what an event told', one('Clock'))
  arrived(@Param('follower') follower: string, @Body() { step }: ArrivedBody, @Res() response: ServerResponse): void {
    this.followers.arrived(follower, step);
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
