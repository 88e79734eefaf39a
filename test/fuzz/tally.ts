import type { Reply } from './wire.js';

/** Counts what hosts answered. */
export class Tally {
  messages = 0;
  accepted = 0;
  unanswered = 0;
  readonly refused = new Map<number, number>();

  count({ status, body }: Reply): void {
    this.messages += 1;
    if (status === undefined) this.unanswered += 1;
    else if (status === 200 && body === 'success') this.accepted += 1;
    else this.add(status, 1);
  }

  /** Adds what another one has counted. */
  merge(other: Tally): void {
    this.messages += other.messages;
    this.accepted += other.accepted;
    this.unanswered += other.unanswered;
    for (const [status, times] of other.refused) this.add(status, times);
  }

  /** How many were answered with a status of a hundred. */
  ofHundred(hundred: number): number {
    return [...this.refused].reduce(
      (sum, [status, times]) => sum + (Math.floor(status / 100) === hundred ? times : 0),
      0,
    );
  }

  private add(status: number, times: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + times);
  }
}
