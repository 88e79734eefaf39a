import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { Bank } from '../bank/bank.js';
import { type FaultyAnswer, FaultPlan, type InterfaceName } from '../faults/faults.js';
import { ORDER_RULES, QUERY_RULES } from './field-rules.js';
import { Gate } from './gate.js';
import { acceptance, OrderInterface } from './order-interface.js';
import { QueryInterface } from './query-interface.js';
import { type PlatformReply, Refusal, sendBody, sendReply } from './reply.js';

/** Instead of a reply: the connection breaks. */
const LOST = Symbol('lost');
type Outcome = PlatformReply | typeof LOST;

/** The platform's two interfaces on the wire (3.1). */
@Controller('wxzfservice')
export class PlatformController {
  constructor(
    private readonly gate: Gate,
    private readonly orders: OrderInterface,
    private readonly queries: QueryInterface,
    private readonly bank: Bank,
    private readonly faults: FaultPlan,
  ) {}

  @Post('virtualatmpay')
  order(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#serve('order', request, response, () => this.#openOrder(request));
  }

  @Post('orderquery')
  query(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#serve('query', request, response, async () =>
      this.queries.answer(await this.gate.admit(request, QUERY_RULES)),
    );
  }

  async #openOrder(request: IncomingMessage): Promise<Outcome> {
    const order = this.orders.open(await this.gate.admit(request, ORDER_RULES));
    if (this.faults.take('paymentBeforeReply')) await this.bank.pay(order);
    return this.faults.take('lostOrderReply') ? LOST : acceptance(order);
  }

  async #serve(
    name: InterfaceName,
    request: IncomingMessage,
    response: ServerResponse,
    act: () => Promise<Outcome>,
  ): Promise<void> {
    const fault = this.faults.takeAnswer(name);
    if (fault && !fault.afterActing) {
      request.resume();
      sendFaulty(response, fault.answer);
      return;
    }
    const outcome = await refusalsAsReplies(act);
    if (outcome === LOST) request.socket.destroy();
    else if (fault) sendFaulty(response, fault.answer);
    else sendReply(response, outcome);
  }
}

async function refusalsAsReplies(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, info: error.info };
    throw error;
  }
}

function sendFaulty(response: ServerResponse, answer: FaultyAnswer): void {
  if ('code' in answer) sendReply(response, { status: answer.code, info: answer.info ?? '系統異常' });
  else sendBody(response, 'httpStatus' in answer ? answer.httpStatus : 200, answer.body ?? '');
}
