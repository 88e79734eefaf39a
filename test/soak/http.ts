import { Agent, request } from 'node:http';

/** Connections are kept, so that the load costs little beside what it is laid on. */
const AGENT = new Agent({ keepAlive: true, maxSockets: 64 });
const TIMEOUT_MS = 10_000;

/** What came back. */
export interface Response {
  readonly status: number;
  readonly text: string;
}

/** Posts a form. Rejects when no response came. */
export function post(url: string, body: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
    const posted = request(url, { method: 'POST', agent: AGENT, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
      response.once('error', reject);
    });
    posted.once('timeout', () => posted.destroy(new Error('There was no response in time.')));
    posted.once('error', reject);
    posted.end(body);
  });
}

/** Closes the connections that are kept. */
export function hangUp(): void {
  AGENT.destroy();
}
