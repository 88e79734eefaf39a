/** A bounded number of places for handlers that run at once. */
export class Places {
  private taken = 0;
  /** How many places are reserved for deliveries that are being claimed. */
  private reserved = 0;
  /** Who waits until no place is taken or reserved. */
  private waiting: (() => void)[] = [];

  /** @param onFree called when a place becomes free */
  constructor(
    private readonly count: number,
    private readonly onFree: () => void,
  ) {}

  /** How many are free. */
  get free(): number {
    return this.count - this.taken - this.reserved;
  }

  /** How many places are taken. */
  get running(): number {
    return this.taken;
  }

  /** Takes a place; call what it returns to leave it, once or more often. */
  take(): () => void {
    this.taken += 1;
    return once(() => {
      this.taken -= 1;
      this.freed();
    });
  }

  /** Reserves places for deliveries that are being claimed. Call the returned function to free them, once or more often. */
  reserve(count: number): () => void {
    this.reserved += count;
    return once(() => {
      this.reserved -= count;
      this.freed();
    });
  }

  /** Whether no place is taken or reserved. */
  get areEmpty(): boolean {
    return this.taken + this.reserved === 0;
  }

  /** Resolves when no place is taken or reserved. */
  left(): Promise<void> {
    if (this.areEmpty) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private freed(): void {
    if (this.areEmpty) {
      for (const resolve of this.waiting) resolve();
      this.waiting = [];
    }
    this.onFree();
  }
}

function once(leave: () => void): () => void {
  let isLeft = false;
  return () => {
    if (isLeft) return;
    isLeft = true;
    leave();
  };
}
