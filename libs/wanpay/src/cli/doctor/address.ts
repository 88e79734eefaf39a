import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** Names that no public name server knows. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa|test)$/i;

/** Whether a host can be reached from its own network only, by its name or by an address that the name stands for. */
export async function isPrivate(url: string): Promise<boolean> {
  const hostname = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(hostname)) return isPrivateAddress(hostname);
  if (PRIVATE_NAME.test(hostname) || !hostname.includes('.')) return true;
  const addresses = await lookup(hostname, { all: true }).catch(() => []);
  return addresses.some(({ address }) => isPrivateAddress(address));
}

/** An address as it may be shown: without a user's name and password. */
export function withoutCredentials(url: string): string {
  const shown = new URL(url);
  if (shown.username === '' && shown.password === '') return url;
  shown.username = '';
  shown.password = '';
  return shown.href;
}

function isPrivateAddress(address: string): boolean {
  return ipaddr.process(address).range() !== 'unicast';
}
