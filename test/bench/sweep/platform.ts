import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

const UNPAID = { status: '900', info: '', data: { orderstatus: '5801' } };

/** A platform on which nobody has paid. */
export class Platform {
  private constructor(
    private readonly server: Server,
    readonly baseUrl: string,
  ) {}

  static async start(): Promise<Platform> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const orderNo = new URLSearchParams(body).get('out_trade_no') ?? '';
        response.end(JSON.stringify({ ...UNPAID, data: { ...UNPAID.data, out_trade_no: orderNo } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The platform has no port.');
    return new Platform(server, `http://127.0.0.1:${address.port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
