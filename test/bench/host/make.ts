/** What the process under load is: with the module, or one of those that stand beside it. */
export interface HostMake {
  readonly adapter: 'fastify' | 'express';
  /**
   * `bare` parses the form and replies `success`; `dto` is what a guard, a ValidationPipe and a DTO come to; `by-hand` runs one
   * transaction of its own per notification.
   */
  readonly kind: 'bare' | 'dto' | 'by-hand' | 'module';
  /** The database of the ledger, or of the transactions made by hand; left out, the ledger is in memory. */
  readonly database?: string;
  /** `elsewhere` leaves what is owed to another process, as behind a queue. */
  readonly delivery?: 'here' | 'elsewhere';
  /** Whether the moments of each order are noted; only with a database. */
  readonly timed?: boolean;
  /** Whether Nest's log is written. */
  readonly log?: boolean;
  /** Whether the module is given `openTelemetry()`, with no SDK registered. */
  readonly telemetry?: boolean;
  /** Whether pages listen to the events of their orders. */
  readonly live?: boolean;
}

/** What is noted of each order where delivery is timed, in this order; `process.hrtime`, in milliseconds. */
export const MOMENTS = [
  'reading',
  'read',
  'settling',
  'settled',
  'claiming',
  'claimed',
  'handling',
  'handled',
  'recorded',
] as const;

/** What a host is asked for. */
export type Ask =
  /** Opens payments in the ledger, so that the process knows them. */
  | { readonly ask: 'open'; readonly prefix: string; readonly count: number }
  /** Removes what ended; answers how many. */
  | { readonly ask: 'purge' }
  /** Answers how many milliseconds of processor time the process has taken. */
  | { readonly ask: 'cpu' }
  /** Collects garbage; answers the bytes of the heap and of the process. */
  | { readonly ask: 'memory' }
  /** Answers how many events were delivered. */
  | { readonly ask: 'delivered' }
  /** Adds this many listeners to an order's events, without a connection. */
  | { readonly ask: 'listen'; readonly orderNo: string; readonly count: number }
  /** Answers how many events those listeners have received. */
  | { readonly ask: 'heard' }
  /** Answers the moments of each order, one order after the other: see `MOMENTS`. */
  | { readonly ask: 'moments'; readonly prefix: string; readonly count: number };

/** What a process is told: to start a host, or what is asked of the host at a port. */
export type Message = { readonly make: HostMake } | ((Ask | { readonly ask: 'stop' }) & { readonly port: number });

/** What the process answers: a host's port, or figures. Once it can be told something it says nothing. */
export interface Answer {
  readonly numbers: readonly number[];
}

export function isMessage(message: unknown): message is Message {
  return (
    typeof message === 'object' && message !== null && ('make' in message || ('ask' in message && 'port' in message))
  );
}

export function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'numbers' in message && Array.isArray(message.numbers);
}
