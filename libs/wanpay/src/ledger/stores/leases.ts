import type { Lease } from '../store.js';

/** The named leases of a store that only this process can use, so that they need not outlive it. */
export class Leases {
  private readonly held = new Map<string, { readonly holder: string; readonly until: Date }>();

  /** {@link LedgerStore.lease} */
  apply({ name, holder, now, until }: Lease): boolean {
    const held = this.held.get(name);
    if (held && held.holder !== holder && held.until > now) return false;
    if (until) this.held.set(name, { holder, until });
    else this.held.delete(name);
    return until !== undefined;
  }
}
