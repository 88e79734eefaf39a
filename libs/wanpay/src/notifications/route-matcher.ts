/** A segment of a path that stands for any text, or for any number of segments. */
const PARAMETER = /^:\w+$/;
/** What stands before the path in the absolute form of a target, which servers must take (RFC 9112, 3.2.2). */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;
/** Routers pass over a fragment, though no target has one. */
const AFTER_PATH = /[?#]/;
const WILDCARD = /[*{}()?+:]/;

/** Whether a path stands for more than one address. */
export function hasParameters(path: string): boolean {
  return WILDCARD.test(path);
}

/** Tells the requests for one route, in whatever way the router would: case and a slash at the end don't count. */
export class RouteMatcher {
  private readonly path: string;
  private readonly segments: readonly string[] | undefined;

  /**
   * @param route the whole path, such as `/api/:tenant/wanpay/notifications`
   * @param ownPath its end, which decides alone where the rest holds a wildcard
   */
  constructor(route: string, ownPath: string) {
    const segments = segmentsOf(route);
    const isPlain = segments.every((segment) => PARAMETER.test(segment) || !WILDCARD.test(segment));
    this.segments = hasParameters(route) ? (isPlain ? segments : ['*', ...segmentsOf(ownPath)]) : undefined;
    this.path = `/${segments.join('/')}`;
  }

  /** @param url a request's target, with its query */
  matches(url: string): boolean {
    // Most requests of the host are for something else.
    if (!this.segments && url.length < this.path.length) return false;
    if (!this.segments && url === this.path) return true;
    const path = pathOf(url);
    if (!this.segments) return path === this.path;
    return isMatch(this.segments, segmentsOf(path));
  }
}

function isMatch(pattern: readonly string[], path: readonly string[]): boolean {
  const isOpen = pattern[0] === '*';
  const expected = isOpen ? pattern.slice(1) : pattern;
  const actual = isOpen ? path.slice(-expected.length) : path;
  return (
    expected.length === actual.length &&
    expected.every((segment, i) => PARAMETER.test(segment) || WILDCARD.test(segment) || segment === actual[i])
  );
}

function pathOf(url: string): string {
  const target = url.startsWith('/') ? url : url.replace(ORIGIN, '');
  const end = target.search(AFTER_PATH);
  const path = (end === -1 ? target : target.slice(0, end)).toLowerCase();
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (!bare.includes('%')) return bare;
  try {
    return decodeURI(bare).toLowerCase();
  } catch {
    return bare;
  }
}

function segmentsOf(path: string): string[] {
  return path.toLowerCase().split('/').filter(Boolean);
}
