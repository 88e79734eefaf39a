/** A bounded number of places for handlers that run at once. */
export class Places {
  private readonly taken = new Set<Promise<void>>();

  /** @param onFree called when a place becomes free */
  constructor(
    private readonly count: number,
    private readonly onFree: () => void,
  ) {}

  /** How many are free. */
  get free(): number {
    return this.count - this.taken.size;
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

  /** Whether nobody has one. */
  get areEmpty(): boolean {
    return this.taken.size === 0;
  }

  /** Resolves when those who have a place now have left it. */
  async left(): Promise<void> {
    await Promise.all(this.taken);
  }
}
