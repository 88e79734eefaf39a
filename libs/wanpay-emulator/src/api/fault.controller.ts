import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { readFault } from '../faults/fault-input.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { answer, sendJson } from '../http/answer.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation } from './described.js';
import { FaultBody, triggerOf } from './fault.body.js';
import { listOf, one } from './schemas.js';

/** What goes wrong. */
@ControlApi('faults')
export class FaultController {
  constructor(private readonly faults: FaultPlan) {}

  @Get()
  @Operation('The faults that are armed, oldest first', listOf('ArmedFault'))
  list(@Res() response: ServerResponse): void {
    sendJson(response, this.faults.armed());
  }

  @Post()
  @HttpCode(200)
  @Operation('Arms a fault', one('ArmedFault'))
  arm(@Body() body: FaultBody, @Res() response: ServerResponse): void {
    answer(response, this.faults.arm(readFault(body), triggerOf(body)));
  }

  @Post('clear')
  @HttpCode(200)
  @Operation('Disarms every fault', listOf('ArmedFault'))
  clear(@Res() response: ServerResponse): void {
    this.faults.clear();
    answer(response, this.faults.armed());
  }

  @Post(':id/disarm')
  @HttpCode(200)
  @Operation('Disarms one fault', listOf('ArmedFault'))
  disarm(@Param('id') id: string, @Res() response: ServerResponse): void {
    this.faults.disarm(id);
    answer(response, this.faults.armed());
  }
}
