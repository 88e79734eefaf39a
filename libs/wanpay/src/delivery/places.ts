/** A bounded number of places for handlers that run at once. */
export class Places {
  private readonly taken = new Set<Promise<void>>();
  /** Reservations for deliveries that are being claimed, with the number of places of each. */
  private readonly reserved = new Map<Promise<void>, number>();

  /** @param onFree called when a place becomes free */
  constructor(
    private readonly count: number,
    private readonly onFree: () => void,
  ) {}

  /** How many are free. */
  get free(): number {
    return [...this.reserved.values()].reduce((free, count) => free - count, this.count - this.taken.size);
  }

  /** How many places are taken. */
  get running(): number {
    return this.taken.size;
  }

  /** Takes a place; call what it returns to leave it, once or more often. */
  take(): () => void {
    let isLeft: () => void = () => undefined;
    const place = new Promise<void>((resolve) => (isLeft = resolve));
    this.taken.add(place);
    return () => {
      if (!this.taken.delete(place)) return;
      isLeft();
      this.onFree();
    };
  }

  /** Reserves places for deliveries that are being claimed. Call the returned function to free them. */
  reserve(count: number): () => void {
    let isOver: () => void = () => undefined;
    const reservation = new Promise<void>((resolve) => (isOver = resolve));
    this.reserved.set(reservation, count);
    return () => {
      if (!this.reserved.delete(reservation)) return;
      isOver();
      this.onFree();
    };
  }

  /** Whether no place is taken or reserved. */
  get areEmpty(): boolean {
    return this.taken.size + this.reserved.size === 0;
  }

  /** Resolves when the places that are taken or reserved now are free. */
  async left(): Promise<void> {
    await Promise.all([...this.taken, ...this.reserved.keys()]);
  }
}
