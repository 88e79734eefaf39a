const MAX_GUESSES = 10;
const WINDOW_MS = 600_000;
/** Bounds the memory; whoever has more networks than these has more guesses too, but not many. */
const MAX_NETWORKS = 10_000;

interface Guesses {
  readonly since: number;
  count: number;
}

/** Counts wrong passwords by the network that they come from: ten in ten minutes, then none until these are over. */
export class WrongGuesses {
  private readonly byNetwork = new Map<string, Guesses>();

  /** How long nothing more is taken from an address; 0 when it may go on. */
  waitSeconds(address: string, now: Date): number {
    const guesses = this.byNetwork.get(networkOf(address));
    if (!guesses || guesses.count < MAX_GUESSES) return 0;
    return Math.max(0, Math.ceil((guesses.since + WINDOW_MS - now.getTime()) / 1000));
  }

  add(address: string, now: Date): void {
    const network = networkOf(address);
    const guesses = this.byNetwork.get(network);
    if (guesses && now.getTime() < guesses.since + WINDOW_MS) {
      guesses.count += 1;
      return;
    }
    this.byNetwork.delete(network);
    const [oldest] = this.byNetwork.keys();
    if (oldest !== undefined && this.byNetwork.size >= MAX_NETWORKS) this.byNetwork.delete(oldest);
    this.byNetwork.set(network, { since: now.getTime(), count: 1 });
  }
}

/** An IPv4 address, or the first half of an IPv6 address: the other half is its owner's to choose. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  return (plain.split('::')[0] ?? '').split(':').slice(0, 4).join(':');
}
