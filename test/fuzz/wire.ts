import { connect, type Socket } from 'node:net';
import type { Message } from './message.js';

/** What came back; without a status, nothing did. */
export interface Reply {
  readonly status?: number;
  readonly body: string;
}

/** A host that says nothing for so long says nothing at all; a busy machine may stand still for seconds. */
const PATIENCE_MS = 20_000;
const NO_REPLY: Reply = { body: '' };

/** One connection after another to a host: each is kept for as long as it is good for the next message. */
export class Wire {
  private socket: Socket | undefined;
  private received = '';
  private resolve: ((reply: Reply) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Sends one message and waits for its reply, or for the end of the connection. */
  async send({ request, isAlone, hangsUp }: Pick<Message, 'request' | 'isAlone' | 'hangsUp'>): Promise<Reply> {
    if (isAlone) this.close();
    const socket = (this.socket ??= this.open());
    const reply = await new Promise<Reply>((resolve) => {
      this.received = '';
      this.resolve = resolve;
      if (hangsUp) socket.end(request);
      else socket.write(request);
    });
    if (isAlone) this.close();
    return reply;
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      if (this.socket !== socket) return;
      this.received += chunk;
      const reply = readReply(this.received);
      if (!reply) return;
      if (/\r\nconnection: close\r\n/i.test(this.received)) this.close();
      this.answer(reply);
    });
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.answer(readReply(this.received, true) ?? NO_REPLY);
    });
    return socket;
  }

  private answer(reply: Reply): void {
    const { resolve } = this;
    this.resolve = undefined;
    resolve?.(reply);
  }
}

/** The first final reply in what was received; undefined while it is not all there. */
function readReply(received: string, isEnded = false): Reply | undefined {
  const text = received.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end + 2);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  const body = text.slice(end + 4);
  // What Node answers by itself has no length, and ends the connection or is empty.
  const isWhole =
    length === undefined
      ? /\r\nconnection: close\r\n/i.test(head) || body.endsWith('0\r\n\r\n')
      : body.length >= Number(length);
  if (!isWhole && !isEnded) return undefined;
  return {
    status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3)),
    body: body.slice(0, Number(length ?? 0)),
  };
}
