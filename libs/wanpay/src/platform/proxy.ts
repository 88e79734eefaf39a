import { isIP } from 'node:net';
import type { AxiosProxyConfig } from 'axios';

/** A forward proxy: what axios needs to know of it, and its name without credentials. */
export interface Proxy {
  readonly config: AxiosProxyConfig;
  /** Host and port. */
  readonly name: string;
}

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy through which an address is reached: the one that is configured, or else that of the environment, in
 * `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless `NO_PROXY` exempts the address.
 *
 * @throws TypeError when the environment's proxy is not an address that begins with http:// or https://
 */
export function proxyFor(address: string, configured: string | undefined, environment: Environment): Proxy | undefined {
  if (configured) return readProxy(configured);
  const target = new URL(address);
  const scheme = target.protocol === 'https:' ? 'https' : 'http';
  const variable = [`${scheme}_proxy`, 'all_proxy'].find((name) => read(environment, name) !== '');
  if (!variable || isExempt(target, read(environment, 'no_proxy'))) return undefined;
  const proxy = read(environment, variable);
  const complete = proxy.includes('://') ? proxy : `${scheme}://${proxy}`;
  if (!/^https?:/i.test(complete) || !URL.canParse(complete)) {
    throw new TypeError(`${variable.toUpperCase()} is not an address that begins with http:// or https://`);
  }
  return readProxy(complete);
}

function readProxy(address: string): Proxy {
  const { protocol, hostname, port: given, username, password } = new URL(address);
  const port = Number(given || (protocol === 'https:' ? 443 : 80));
  const auth = { username: decode(username), password: decode(password) };
  const config = { protocol, host: withoutBrackets(hostname), port, ...(username ? { auth } : {}) };
  return { config, name: `${hostname}:${port}` };
}

/** A `%` that begins no escape stands for itself: passwords are pasted as they are. */
function decode(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

/** Whether `NO_PROXY` names a host: by its name or address, as a suffix (`.example`, `*.example`), perhaps with a port. */
function isExempt({ protocol, hostname, port }: URL, exempt: string): boolean {
  const targetPort = port || (protocol === 'https:' ? '443' : '80');
  return exempt
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', only = targetPort] =
        /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
      if (only !== targetPort) return false;
      const suffix = name.replace(/^\*/, '');
      return hostname === suffix || hostname === suffix.replace(/^\./, '') || isBelow(hostname, suffix);
    });
}

function isBelow(hostname: string, suffix: string): boolean {
  return isIP(withoutBrackets(hostname)) === 0 && hostname.endsWith(suffix.startsWith('.') ? suffix : `.${suffix}`);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function read(environment: Environment, name: string): string {
  return [environment[name], environment[name.toUpperCase()]].find(Boolean) ?? '';
}
