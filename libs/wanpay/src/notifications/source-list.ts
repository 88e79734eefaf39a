import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;
type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** The bits before the IPv4 address in a mapped one. */
const MAPPED_PREFIX_BITS = 96;
/** An address as proxies write it: an IPv6 address in brackets, or an IPv4 address, with a port or without. */
const WITH_PORT = /^(?:\[([^[\]]+)\]|(\d+(?:\.\d+){3}))(?::\d{1,5})?$/;
/** The interface that a link-local address belongs to, as in `fe80::1%eth0`. */
const ZONE = /%[^%]*$/;
/** Far above the longest address with a zone and a port; the text is a stranger's. */
const LONGEST_TEXT = 100;

/** Whether a text is an address or a CIDR range, IPv4 (four decimal parts, no fewer) or IPv6. */
export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Not exported, so that no type of ipaddr.js is in the declarations: without `esModuleInterop` they would not compile. */
function parseRange(text: string): Range | undefined {
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

/** A peer's address in its shortest form, without port, zone and IPv6 mapping; undefined when it is none. */
export function normaliseAddress(text: string | undefined): string | undefined {
  return parseAddress(text)?.toString();
}

/** Reads `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, `fe80::1%eth0` and `::ffff:192.0.2.1`. */
function parseAddress(text = ''): Address | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const parts = WITH_PORT.exec(text);
  const bare = (parts?.[1] ?? parts?.[2] ?? text).replace(ZONE, '');
  if (!bare.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return undefined;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

/**
 * The addresses that notifications may come from. An empty list admits everyone: the signature decides.
 *
 * An IPv4 address that comes mapped into IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 address; a port that a proxy wrote
 * behind an address does not count.
 */
export class SourceList {
  private readonly ranges: readonly Range[];

  /** @param entries addresses and CIDR ranges, for each of which {@link isRange} holds */
  constructor(entries: readonly string[]) {
    this.ranges = entries.map(parseRange).filter((range) => range !== undefined);
  }

  admits(address: string | undefined): boolean {
    if (this.ranges.length === 0) return true;
    const parsed = parseAddress(address);
    if (!parsed) return false;
    return this.ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
  }
}
