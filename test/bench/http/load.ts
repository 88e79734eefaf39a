import { setTimeout as pause } from 'node:timers/promises';
import { milliseconds } from '../measure.js';
import { Connection } from './connection.js';
import { beat } from './metronome.js';

/** What came of a request that was sent at its own moment. */
export interface Arrival {
  /** When it was due to be sent, was sent, and was answered: `process.hrtime`, in nanoseconds. */
  readonly due: bigint;
  readonly sent: bigint;
  readonly answered: bigint;
}

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/**
 * Sends requests as quickly as they are answered, one at a time on each of so many connections.
 *
 * @returns how many a second were answered
 */
export async function saturate(
  port: number,
  requests: readonly Buffer[],
  connections: number,
  expectedStatus: number,
): Promise<number> {
  const open = await openAll(port, connections);
  const left = requests.values();
  const elapsed = await milliseconds(() =>
    Promise.all(
      open.map(async (connection) => {
        for (const request of left) assertStatus(await connection.send(request), expectedStatus);
      }),
    ),
  );
  for (const connection of open) connection.close();
  return (requests.length / elapsed) * 1000;
}

/**
 * Sends requests at a steady rate, whether or not those before are answered, as independent senders do. A request that is sent
 * late was due all the same, so the delay of one that had to wait for the sender is not lost.
 */
export async function arrive(
  port: number,
  requests: readonly Buffer[],
  perSecond: number,
  connections: number,
): Promise<readonly Arrival[]> {
  const all = await openAll(port, connections);
  const free = [...all];
  const waiting: (() => void)[] = [];
  const one = async (request: Buffer, due: bigint): Promise<Arrival> => {
    if (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    const connection = free.pop();
    if (!connection) throw new Error('There is no free connection.');
    const sent = process.hrtime.bigint();
    assertStatus(await connection.send(request), 200);
    const answered = process.hrtime.bigint();
    free.push(connection);
    waiting.shift()?.();
    return { due, sent, answered };
  };
  const sending: Promise<Arrival>[] = [];
  await beat({ perSecond, count: requests.length }, (i, due) => {
    const request = requests[i];
    if (request) sending.push(one(request, due));
  });
  const arrivals = await Promise.all(sending);
  for (const connection of all) connection.close();
  return arrivals;
}

/** Sends requests over and over, each connection in turn at its own steady rate, beside whatever else is measured. */
export class Background {
  private isOver = false;
  private answered = 0;
  private readonly begin = process.hrtime.bigint();

  private constructor(private readonly senders: readonly Promise<void>[] = []) {}

  /** @param perSecond of all connections together */
  static async start(
    port: number,
    requests: readonly Buffer[],
    perSecond: number,
    connections: number,
    expectedStatus: number,
  ): Promise<Background> {
    const senders: Promise<void>[] = [];
    const background = new Background(senders);
    const open = await openAll(port, connections);
    for (const [i, connection] of open.entries()) {
      const pauseMs = (connections / perSecond) * 1000;
      senders.push(
        background.send(connection, requests, { pauseMs, firstMs: (i / connections) * pauseMs, expectedStatus }),
      );
    }
    return background;
  }

  /** @returns how many a second were answered */
  async stop(): Promise<number> {
    this.isOver = true;
    await Promise.all(this.senders);
    return this.answered / (Number(process.hrtime.bigint() - this.begin) / Number(NANOSECONDS_PER_SECOND));
  }

  private async send(
    connection: Connection,
    requests: readonly Buffer[],
    { pauseMs, firstMs, expectedStatus }: Record<'pauseMs' | 'firstMs' | 'expectedStatus', number>,
  ): Promise<void> {
    let due = performance.now() + firstMs;
    for (let i = 0; ; i += 1) {
      await pause(Math.max(0, due - performance.now()));
      const request = requests[i % requests.length];
      if (this.isOver || !request) break;
      assertStatus(await connection.send(request), expectedStatus);
      this.answered += 1;
      due += pauseMs;
    }
    connection.close();
  }
}

function openAll(port: number, connections: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
}

function assertStatus(status: number, expected: number): void {
  if (status !== expected) throw new Error(`A request was answered ${status} instead of ${expected}.`);
}
