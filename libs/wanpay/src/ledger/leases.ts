interface Lease {
  readonly holder: string;
  readonly until: Date;
}

/** The named leases of a ledger that only this process can use, so that they need not outlive it. */
export class Leases {
  private readonly leases = new Map<string, Lease>();

  /** {@link Ledger.takeLease} */
  take(name: string, holder: string, now: Date, until: Date): boolean {
    const held = this.leases.get(name);
    if (held && held.holder !== holder && held.until > now) return false;
    this.leases.set(name, { holder, until });
    return true;
  }

  /** {@link Ledger.dropLease} */
  drop(name: string, holder: string): void {
    if (this.leases.get(name)?.holder === holder) this.leases.delete(name);
  }
}
