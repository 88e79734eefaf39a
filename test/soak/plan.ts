/** What a soak is to do. */
export interface Plan {
  readonly minutes: number;
  readonly ordersPerSecond: number;
  /** How often a row is printed. */
  readonly rowSeconds: number;
  /** How often one of the processes is restarted. */
  readonly restartSeconds: number;
  /** How long paid payments are kept; each process purges older ones. */
  readonly keepSeconds: number;
}

/** How many processes share the ledger. */
export const PROCESSES = 3;
/** Shorter runs say nothing about growth: purges and vacuums have hardly begun. */
export const JUDGED_FROM_MINUTES = 20;

const LONGEST_PAUSE_SECONDS = 300;
const SHORTEST_KEEP_SECONDS = 30;

/** A row each minute and a restart every five, in a run of an hour or more; in proportion in shorter ones. */
export function planOf(minutes: number, ordersPerSecond: number): Plan {
  const twelfth = (minutes * 60) / 12;
  const pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, twelfth);
  return {
    minutes,
    ordersPerSecond,
    rowSeconds: Math.min(60, twelfth),
    restartSeconds: pauseSeconds,
    keepSeconds: Math.max(SHORTEST_KEEP_SECONDS, pauseSeconds),
  };
}
