import { join } from 'node:path';

/** Each host's own commands, in this order. One without a compiler has no `build`. */
export const STEPS = ['build', 'start', 'test'] as const;

export type Step = (typeof STEPS)[number];

/** What this project does to lay out and install a host. The rest is the host's own, as it is in any application. */
export interface Host {
  readonly packageManager: 'npm' | 'pnpm';
  /** Folders of `shared` that are copied, because the host differs in how it is built and not in them. */
  readonly copies: readonly string[];
  /** Where they are copied to. */
  readonly into: string;
  /** A folder of `apps/examples` that the host tries too. It is copied to `example`, where it finds what the host has installed. */
  readonly example?: string;
  /** What `npm test` tries, within some seconds; nothing of most. */
  readonly quick?: readonly Step[];
  /** The steps that it has; all of them where it does not say. */
  readonly steps?: readonly Step[];
  /** In which real server it gets a database of its own, in `DATABASE_URL`. */
  readonly database?: 'PostgreSQL' | 'MariaDB';
}

const COMMON_JS: Host = { packageManager: 'npm', copies: ['flow', 'shop'], into: 'src' };
const ES_MODULES: Host = { packageManager: 'npm', copies: ['flow', 'shop-esm'], into: 'src' };

const ALL = {
  // Its test compiles what its build does.
  'nest11-cjs-ts-jest': { ...COMMON_JS, quick: ['test'] },
  'nest11-cjs-nodenext': COMMON_JS,
  'nest11-swc': COMMON_JS,
  'nest11-webpack': COMMON_JS,
  nx: { ...COMMON_JS, into: 'apps/shop/src' },
  'nest12-esm-vitest': { ...ES_MODULES, quick: STEPS },
  'nest12-fastify-jest-esm': ES_MODULES,
  'cjs-javascript': { ...COMMON_JS, copies: [] },
  'esbuild-bundle': ES_MODULES,
  prisma: { ...ES_MODULES, database: 'PostgreSQL', example: 'prisma' },
  mariadb: { ...ES_MODULES, copies: [], steps: ['build', 'test'], database: 'MariaDB' },
  'pnpm-strict': { ...COMMON_JS, packageManager: 'pnpm' },
} satisfies Readonly<Record<string, Host>>;

export type HostName = keyof typeof ALL;

export const HOSTS: Readonly<Record<HostName, Host>> = ALL;

/** Where the hosts' own files are, each in a folder of its name. */
export const SOURCES = import.meta.dirname;

/** Where the examples are. */
export const EXAMPLES = join(SOURCES, '../../apps/examples');

export function isHostName(name: string): name is HostName {
  return name in HOSTS;
}
