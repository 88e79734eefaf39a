import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/** An open page: one connection, over which it receives events. */
export class Listener {
  private received = '';
  private onText: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.onText();
    });
    socket.on('error', () => undefined);
  }

  /** Resolves when the server has answered. */
  static async open(port: number, path: string): Promise<Listener> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const listener = new Listener(socket);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`);
    await listener.hear(END_OF_HEAD);
    return listener;
  }

  /** Resolves once it has received a text. */
  hear(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onText = () => {
        if (this.received.includes(text)) resolve();
      };
      this.socket.once('close', () => {
        reject(new Error('The server closed a connection of a listener.'));
      });
      this.onText();
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
