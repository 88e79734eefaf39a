import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import { Bank } from '../bank/bank.js';
import { type InterfaceName } from '../faults/fault.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { type RequestEnding } from '../journal/entry.js';
import { Journal } from '../journal/journal.js';
import { keptRequest } from '../journal/kept.js';
import { type OrderRef } from '../orders/order-ref.js';
import { ORDER_RULES, QUERY_RULES } from './field-rules.js';
import { FaultyReplies, type WireReply } from './faulty-replies.js';
import { Gate } from './gate.js';
import { MerchantGuard } from './merchant.guard.js';
import { OrderInterface } from './order-interface.js';
import { QueryInterface } from './query-interface.js';
import { claimedOrder, receive, type ReceivedRequest } from './received-request.js';
import { type PlatformReply, Refusal } from './reply.js';

type Act = (received: ReceivedRequest) => PlatformReply | Promise<PlatformReply>;

/** The platform's two interfaces on the wire (3.1). */
@Controller('wxzfservice')
@UseGuards(MerchantGuard)
export class PlatformController {
  readonly #used = new WeakSet<IncomingMessage['socket']>();

  constructor(
    private readonly gate: Gate,
    private readonly orders: OrderInterface,
    private readonly queries: QueryInterface,
    private readonly bank: Bank,
    private readonly faults: FaultPlan,
    private readonly replies: FaultyReplies,
    private readonly journal: Journal,
  ) {}

  @Post('virtualatmpay')
  order(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#serve('order', request, response, async (received) => {
      const order = this.orders.open(this.gate.admit(received, ORDER_RULES));
      if (this.faults.strike(['payment-before-reply'], order)) await this.bank.pay(order, {}, 'fault');
      return this.orders.accept(order);
    });
  }

  @Post('orderquery')
  query(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#serve('query', request, response, (received) =>
      this.queries.answer(this.gate.admit(received, QUERY_RULES)),
    );
  }

  async #serve(at: InterfaceName, request: IncomingMessage, response: ServerResponse, act: Act): Promise<void> {
    const received = await receive(request);
    const { source, contentType, body } = received;
    const claimed = claimedOrder(received);
    const startedMs = performance.now();
    const entry = this.journal.writeRequest(
      keptRequest({ kind: 'request', interface: at, source, contentType, body, ...claimed }),
    );
    if (this.#isReused(request) && this.faults.strike(['dropped-connection'], { at, ...claimed })) {
      this.journal.end(entry, { body: '', latencyMs: performance.now() - startedMs });
      response.destroy();
      return;
    }
    const { wire, refusal } = await this.#reply(at, claimed, received, act);
    const httpStatus = wire.ends === 'lost' ? {} : { httpStatus: wire.httpStatus };
    const latencyMs = performance.now() - startedMs;
    this.journal.end(entry, { ...httpStatus, body: wire.body, latencyMs, ...(refusal ? { refusal } : {}) });
    await this.replies.send(response, wire, at, claimed);
  }

  /** Whether the connection has carried a request before. */
  #isReused({ socket }: IncomingMessage): boolean {
    if (this.#used.has(socket)) return true;
    this.#used.add(socket);
    return false;
  }

  async #reply(
    at: InterfaceName,
    claimed: Partial<OrderRef>,
    received: ReceivedRequest,
    act: Act,
  ): Promise<{ readonly wire: WireReply; readonly refusal?: RequestEnding['refusal'] }> {
    const fault = this.replies.inPlace(at, claimed);
    if (fault && !fault.afterActing) return { wire: this.replies.writeInPlace(fault, at, claimed) };
    const { reply, refusal } = await outcomeOf(act, received);
    const wire = fault ? this.replies.writeInPlace(fault, at, claimed) : this.replies.write(reply, at, claimed);
    return { wire, ...(refusal ? { refusal } : {}) };
  }
}

interface Outcome {
  readonly reply: PlatformReply;
  readonly refusal?: RequestEnding['refusal'];
}

async function outcomeOf(act: Act, received: ReceivedRequest): Promise<Outcome> {
  try {
    return { reply: await act(received) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, info, signature } = error;
    return { reply: { status, info }, refusal: { status, rule: info, ...(signature ? { signature } : {}) } };
  }
}
