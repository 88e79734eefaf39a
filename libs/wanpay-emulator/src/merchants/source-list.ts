import ipaddr from 'ipaddr.js';
import { InvalidArgumentError } from '../errors.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The addresses from which a merchant may call the platform (2.2). */
export interface SourceList {
  /** @param address as the socket names it; an IPv4 address mapped into IPv6 counts as IPv4 */
  allows(address: string | undefined): boolean;
}

/**
 * Reads addresses and CIDR ranges, IPv4 and IPv6.
 *
 * @param sources undefined means that every address is allowed, as for the vendor's test merchant
 * @throws InvalidArgumentError naming the first that is neither
 */
export function readSourceList(sources: readonly string[] | undefined): SourceList {
  if (!sources) return { allows: () => true };
  const ranges = sources.map(readRange);
  return {
    allows: (address) => {
      if (address === undefined || !ipaddr.isValid(address)) return false;
      const candidate = ipaddr.process(address);
      return ranges.some(([network, bits]) => candidate.kind() === network.kind() && candidate.match(network, bits));
    },
  };
}

function readRange(source: string): Range {
  if (ipaddr.isValidCIDR(source)) return ipaddr.parseCIDR(source);
  if (!ipaddr.isValid(source)) {
    throw new InvalidArgumentError('allowedSources', `holds ${JSON.stringify(source)}, no address or CIDR range.`);
  }
  const address = ipaddr.process(source);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
