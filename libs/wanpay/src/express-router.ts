/** A layer of Express's router, as far as it is looked at: a route, or a middleware. */
export interface ExpressLayer {
  readonly route?: { readonly path: unknown; readonly methods: { readonly post?: boolean } };
  /** Of a middleware: its function's name. */
  readonly name?: string;
  readonly handle: (request: unknown, response: unknown, next: (error?: unknown) => void) => unknown;
  match(path: string): boolean;
}

interface ExpressApplication {
  readonly router: { readonly stack: readonly ExpressLayer[] };
}

/** The layers of an adapter's instance in their order; undefined where it is not Express. */
export function layersOf(instance: unknown): readonly ExpressLayer[] | undefined {
  return isExpress(instance) ? instance.router.stack : undefined;
}

/** The application is a function; of its router only what is looked at is known. */
function isExpress(instance: unknown): instance is ExpressApplication {
  if (typeof instance !== 'function' || !('router' in instance)) return false;
  const { router } = instance;
  return typeof router === 'function' && 'stack' in router && Array.isArray(router.stack);
}
