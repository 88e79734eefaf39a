import ipaddr from 'ipaddr.js';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Reads an address or a CIDR range, IPv4 or IPv6; undefined when it is neither. */
export function parseRange(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * The addresses that notifications may come from. An empty list admits everyone: the signature decides.
 *
 * An IPv4 address that comes mapped into IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 address.
 */
export class SourceList {
  private readonly ranges: readonly Range[];

  /** @param entries addresses and CIDR ranges, each readable by {@link parseRange} */
  constructor(entries: readonly string[]) {
    this.ranges = entries.map(parseRange).filter((range) => range !== undefined);
  }

  admits(address: string | undefined): boolean {
    if (this.ranges.length === 0) return true;
    if (address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
  }
}
