import { type ServerResponse } from 'node:http';
import { HttpCode, Post, Res } from '@nestjs/common';
import { answer } from '../http/answer.js';
import { FreshSession } from '../session/fresh-session.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation } from './described.js';
import { one } from './schemas.js';

/** The session: all that has happened since the emulator began. */
@ControlApi('session')
export class SessionController {
  constructor(private readonly session: FreshSession) {}

  @Post()
  @HttpCode(200)
  @Operation(
    'Starts a fresh session at the present moment: keeps the merchants, and everything else in a file',
    one('FreshSession'),
  )
  async begin(@Res() response: ServerResponse): Promise<void> {
    answer(response, { keptIn: await this.session.begin() });
  }
}
