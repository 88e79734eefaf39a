import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { answer, sendJson } from '../http/answer.js';
import { sendFresh } from '../http/security-headers.js';
import { Journal } from '../journal/journal.js';
import { LiveEvents } from '../journal/live-events.js';
import { Notifier } from '../notifications/notifier.js';
import { Session } from '../session/session.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation, Property } from './described.js';
import { ApiDocument } from './document.js';
import { ResendFailedBody } from './order.bodies.js';
import { listOf } from './schemas.js';

/** Whose changes are told of. */
export class EventsQuery {
  @Property({ description: 'With orderNo: only what concerns that order, and the clock.' })
  @IsOptional()
  @IsString()
  readonly merchantNo?: string;

  @Property({ description: 'With merchantNo: only what concerns that order, and the clock.' })
  @IsOptional()
  @IsString()
  readonly orderNo?: string;
}

/** What has happened, and what is happening. */
@ControlApi('')
export class HistoryController {
  constructor(
    private readonly notifier: Notifier,
    private readonly journal: Journal,
    private readonly session: Session,
    private readonly events: LiveEvents,
    private readonly apiDocument: ApiDocument,
  ) {}

  @Get('notifications')
  @Operation('Every notification attempt that has ended, oldest first', listOf('NotificationAttempt'))
  notifications(@Res() response: ServerResponse): void {
    sendJson(response, this.notifier.attempts());
  }

  @Post('notifications/resend')
  @HttpCode(200)
  @Operation('Sends again every notification that was never acknowledged, oldest first', listOf('NotificationAttempt'))
  async resendFailed(@Body() { since }: ResendFailedBody, @Res() response: ServerResponse): Promise<void> {
    answer(response, await this.notifier.resendFailed(since));
  }

  @Get('requests')
  @Operation('Every request of a merchant, refused ones included, oldest first', listOf('JournalEntry'))
  requests(@Res() response: ServerResponse): void {
    sendJson(response, this.journal.requests());
  }

  @Get('session.mjs')
  @Operation(
    'The session as a script that replays it; keys are read from the environment',
    { type: 'string' },
    'text/javascript',
  )
  script(@Res() response: ServerResponse): void {
    const script = this.session.script();
    response.setHeader('content-disposition', 'attachment; filename="session.mjs"');
    sendFresh(response, 'text/javascript', script);
  }

  @Get('events')
  @Operation(
    'Server-sent events named order, request, clock, faults and merchants: something changed',
    { type: 'string' },
    'text/event-stream',
  )
  live(@Query() { merchantNo, orderNo }: EventsQuery, @Res() response: ServerResponse): void {
    const order = merchantNo === undefined || orderNo === undefined ? undefined : { merchantNo, orderNo };
    this.events.stream(response, order);
  }

  @Get('openapi.json')
  @Operation('This document', { type: 'object' })
  document(@Res() response: ServerResponse): void {
    sendJson(response, this.apiDocument.get());
  }
}
