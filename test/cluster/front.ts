import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from '../processes/ports.js';

/** How long a query takes at least, so that two sweeps at once would be seen. */
const QUERY_MS = 400;

/** A query that was under way, in milliseconds of this process. */
export interface QuerySpan {
  readonly from: number;
  to: number;
}

/** What stands between one host and the platform: passes everything on, queries slowly, and notes when they were under way. */
export class Front {
  readonly queries: QuerySpan[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(platform: string): Promise<Front> {
    const port = await freePort();
    const server = createServer();
    const front = new Front(`http://127.0.0.1:${port}`, server);
    server.on('request', (request: IncomingMessage, reply: ServerResponse) => {
      void front.pass(`${platform}${request.url ?? ''}`, request, reply);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return front;
  }

  /** Whether its host asks the platform just now. */
  get isAsking(): boolean {
    return this.queries.some(({ to }) => to === Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(address: string, request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const isQuery = address.endsWith('orderquery');
    if (isQuery) this.note(reply);
    try {
      const body = await text(request);
      if (isQuery) await new Promise((resolve) => setTimeout(resolve, QUERY_MS));
      const headers = { 'content-type': request.headers['content-type'] ?? '' };
      const answer = await fetch(address, { method: 'POST', headers, body });
      reply.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    } catch {
      reply.destroy();
    }
  }

  /** Until it was answered, or the host that asked is no more. */
  private note(reply: ServerResponse): void {
    const span = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.queries.push(span);
    reply.once('close', () => {
      span.to = performance.now();
    });
  }
}

/** How many queries were under way while another host had one under way. */
export function overlaps(fronts: readonly Front[]): number {
  const spans = fronts
    .flatMap(({ queries }, host) => queries.map((span) => ({ ...span, host })))
    .sort((a, b) => a.from - b.from);
  return spans.filter((span, i) =>
    spans.slice(0, i).some((earlier) => earlier.host !== span.host && earlier.to > span.from),
  ).length;
}
