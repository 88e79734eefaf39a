import ipaddr from 'ipaddr.js';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** The bits before the IPv4 address in a mapped one. */
const MAPPED_PREFIX_BITS = 96;

/** Reads an address or a CIDR range, IPv4 (four decimal parts, no fewer) or IPv6; undefined when it is neither. */
export function parseRange(text: string): Range | undefined {
  const { IPv4 } = ipaddr;
  if (!text.includes(':') && !IPv4.isValidFourPartDecimal(text) && !IPv4.isValidCIDRFourPartDecimal(text)) {
    return undefined;
  }
  if (ipaddr.isValidCIDR(text)) return unmapped(ipaddr.parseCIDR(text));
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** `::ffff:192.0.2.0/120` → 192.0.2.0/24, since what is compared with it is unmapped too. */
function unmapped([address, bits]: Range): Range {
  const mapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_PREFIX_BITS;
  return mapped ? [address.toIPv4Address(), bits - MAPPED_PREFIX_BITS] : [address, bits];
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
