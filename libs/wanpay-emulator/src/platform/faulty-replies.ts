import { type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { createNonce } from 'nestjs-wanpay/protocol';
import { VirtualClock } from '../clock/virtual-clock.js';
import { type BodyReply, type CodeReply, type HttpErrorReply, type InterfaceName } from '../faults/fault.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { Merchants } from '../merchants/merchants.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type PlatformReply, type ReplyStyle, SUCCESS, writeReply } from './reply.js';

/** What is sent over the wire: a whole body, half of one and then nothing more, or nothing at all. */
export interface WireReply {
  readonly httpStatus: number;
  readonly body: string;
  readonly ends: 'whole' | 'cut off' | 'lost';
}

type InPlaceOfReply = CodeReply | HttpErrorReply | BodyReply;

/** Sends replies, as well or as badly as the faults that are armed would have it. */
@Injectable()
export class FaultyReplies {
  constructor(
    private readonly faults: FaultPlan,
    private readonly merchants: Merchants,
    private readonly clock: VirtualClock,
  ) {}

  /** The reply to give in place of the true one, if any. */
  inPlace(at: InterfaceName, order: Partial<OrderRef>): InPlaceOfReply | undefined {
    return this.faults.strike(['code-reply', 'http-error-reply', 'body-reply'], { at, ...order });
  }

  /** Such a reply on the wire. */
  writeInPlace(fault: InPlaceOfReply, at: InterfaceName, order: Partial<OrderRef>): WireReply {
    if (fault.kind === 'code-reply') {
      const { code: status, info = '系統異常' } = fault;
      return { httpStatus: 200, body: writeReply({ status, info }, this.#style(at, order)), ends: 'whole' };
    }
    const httpStatus = fault.kind === 'http-error-reply' ? fault.httpStatus : 200;
    return { httpStatus, body: fault.body ?? '', ends: 'whole' };
  }

  /** The true reply on the wire. */
  write(reply: PlatformReply, at: InterfaceName, order: Partial<OrderRef>): WireReply {
    const body = writeReply(reply, this.#style(at, order));
    const occasion = { at, ...order };
    if (reply.status === SUCCESS && this.faults.strike(['lost-reply'], occasion)) {
      return { httpStatus: 200, body, ends: 'lost' };
    }
    const damage = this.faults.strike(['malformed-reply', 'cut-off-reply'], occasion);
    if (damage?.kind === 'malformed-reply') return { httpStatus: 200, body: halfOf(body), ends: 'whole' };
    return { httpStatus: 200, body, ends: damage ? 'cut off' : 'whole' };
  }

  async send(response: ServerResponse, wire: WireReply, at: InterfaceName, order: Partial<OrderRef>): Promise<void> {
    const slow = this.faults.strike(['slow-reply'], { at, ...order });
    if (slow) await unlessClosed(response, slow.delayMs);
    if (wire.ends === 'lost') {
      response.destroy();
      return;
    }
    const isLast = this.faults.strike(['closing-reply'], { at, ...order }) !== undefined;
    response.writeHead(wire.httpStatus, {
      ...(isLast ? { connection: 'close' } : {}),
      date: this.clock.now().toUTCString(),
      'content-type': 'application/json;charset=UTF-8',
      'content-length': Buffer.byteLength(wire.body),
    });
    if (wire.ends === 'whole') response.end(wire.body);
    else response.write(halfOf(wire.body), () => response.destroy());
  }

  #style(at: InterfaceName, order: Partial<OrderRef>): ReplyStyle {
    const occasion = { at, ...order };
    const signed = this.faults.strike(['signed-reply'], occasion);
    const isStatusNumeric = this.faults.strike(['numeric-status-reply'], occasion) !== undefined;
    const merchant = this.merchants.find(order.merchantNo ?? '');
    // Of an order's reply, `data` is required (3.1.1); of a query's, it is not (3.1.3).
    const style = { isStatusNumeric, needsData: at === 'order' };
    if (!signed || !merchant) return style;
    return { ...style, key: signed.wrongly ? createNonce() : merchant.key };
  }
}

/** Half of a JSON text is never one. */
function halfOf(body: string): string {
  return body.slice(0, Math.ceil(body.length / 2));
}

/** Waits, in real time, for as long as the other side does; the wait keeps no process alive. */
async function unlessClosed(response: ServerResponse, ms: number): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => {
    closed.abort();
  });
  await delay(ms, undefined, { ref: false, signal: closed.signal }).catch(() => undefined);
}
