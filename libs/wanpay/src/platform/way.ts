import { type ClientRequest, type IncomingMessage, request as requestPlain, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { UnreachableStage } from './errors.js';

/**
 * Watches how far one request gets, by what happens to its socket. Error codes alone don't tell: a connection can be reset
 * before the request left and after it arrived.
 */
export class Way {
  /** How far the request got while nothing of it can have arrived. */
  stage: UnreachableStage;
  /** Whether the request may have arrived; undefined while none was made by Node's own client. */
  mayHaveArrived: boolean | undefined;
  /** Whether the answer is the proxy's own, to the CONNECT for a tunnel that it did not open. */
  isAnsweredByProxy = false;

  constructor(
    private readonly isTargetSecure: boolean,
    private readonly hasProxy: boolean,
  ) {
    this.stage = hasProxy ? 'proxy' : 'connect';
  }

  /** What axios makes its requests with. */
  readonly transport = {
    request: (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest => {
      const request =
        options.protocol === 'https:' ? requestSecure(options, onResponse) : requestPlain(options, onResponse);
      this.mayHaveArrived = false;
      request.once('socket', (socket) => {
        this.watch(socket, request.reusedSocket);
      });
      return request;
    },
  };

  private watch(socket: Socket, isReused: boolean): void {
    if (!isReused && socket instanceof TLSSocket) this.watchSecure(socket);
    else if (isReused || !(socket instanceof Socket) || 'encrypted' in socket) this.arrived();
    else if (this.isTargetSecure) {
      // Agents that open tunnels hand the proxy's refusal on in a socket without TLS.
      this.isAnsweredByProxy = true;
      this.stage = 'proxy';
    } else if (socket.pending) socket.once('connect', this.arrived);
    else this.arrived();
  }

  private watchSecure(socket: TLSSocket): void {
    if (socket.getFinished() !== undefined) {
      this.arrived();
      return;
    }
    socket.once('secureConnect', this.arrived);
    if (!this.isTargetSecure) return;
    if (this.hasProxy || !socket.connecting) this.stage = 'tls';
    else {
      socket.once('connect', () => {
        this.stage = 'tls';
      });
    }
  }

  private readonly arrived = (): void => {
    this.mayHaveArrived = true;
  };
}
