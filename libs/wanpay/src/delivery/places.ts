/** A bounded number of places for handlers that run at once. */
export class Places {
  private readonly taken = new Set<Promise<void>>();
  private readonly reservations = new Set<Promise<void>>();
  /** How many places are reserved for deliveries that are being claimed. */
  private reserved = 0;

  /** @param onFree called when a place becomes free */
  constructor(
    private readonly count: number,
    private readonly onFree: () => void,
  ) {}

  /** How many are free. */
  get free(): number {
    return this.count - this.taken.size - this.reserved;
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
    this.reservations.add(reservation);
    this.reserved += count;
    return () => {
      if (!this.reservations.delete(reservation)) return;
      this.reserved -= count;
      isOver();
      this.onFree();
    };
  }

  /** Whether no place is taken or reserved. */
  get areEmpty(): boolean {
    return this.taken.size + this.reservations.size === 0;
  }

  /** Resolves when the places that are taken or reserved now are free. */
  async left(): Promise<void> {
    await Promise.all([...this.taken, ...this.reservations]);
  }
}
