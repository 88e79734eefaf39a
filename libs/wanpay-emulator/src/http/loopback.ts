import { isIPv4 } from 'node:net';

/** Whether a host name or address means this machine alone. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return ['localhost', '::1', '[::1]'].includes(host);
}
