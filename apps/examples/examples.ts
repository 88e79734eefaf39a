import { sayIn } from '../language.js';

const say = sayIn(process.env);

/** An example, as `npm run example` starts it. */
interface ExampleProgram {
  /** What Node.js is given, for each of its processes. */
  readonly programs: readonly (readonly string[])[];
  readonly needs: readonly ('postgres' | 'redis' | 'keys')[];
  /** Says what to do once it runs. */
  readonly look: (url: string) => string;
}

const order = (path: string) => (url: string) =>
  `${say('Order, in another terminal:', '在另一個終端機下訂單：')} curl -X POST ${url}${path}`;

const orderInTable = (url: string): string =>
  `${order('/orders/ORDER1')(url)}\n${say('Look at it, before and after you pay:', '付款前後查看訂單：')} curl ${url}/orders/ORDER1`;

const ALL = {
  minimal: { programs: [['dist/minimal/src/main.js']], needs: [], look: order('/checkout/ORDER1') },
  typeorm: {
    programs: [['dist/typeorm/src/main.js']],
    needs: ['postgres'],
    look: orderInTable,
  },
  // It is built where it is installed, since the checkout has no Prisma.
  prisma: {
    programs: [['prisma/dist/main.js']],
    needs: ['postgres'],
    look: orderInTable,
  },
  'web-and-worker': {
    programs: [['dist/web-and-worker/src/web.js'], ['dist/web-and-worker/src/worker.js']],
    needs: ['postgres'],
    look: order('/checkout/ORDER1'),
  },
  bullmq: {
    programs: [['dist/bullmq/src/main.js']],
    needs: ['postgres', 'redis'],
    look: order('/checkout/ORDER1'),
  },
  'key-vault': {
    programs: [['dist/key-vault/src/main.js']],
    needs: ['keys'],
    look: order('/merchants/21008024/checkout/ORDER1'),
  },
  react: {
    programs: [['dist/react/src/main.js']],
    needs: [],
    look: (url) => `${order('/payments/ORDER1')(url)}\n${say('Open its page:', '開啟付款頁：')} ${url}/?order=ORDER1`,
  },
  opentelemetry: {
    programs: [['--import', './dist/opentelemetry/src/instrumentation.js', 'dist/opentelemetry/src/main.js']],
    needs: [],
    look: (url) =>
      `${order('/checkout/ORDER1')(url)}\n${say('Spans are printed here. Metrics:', 'span 會印在這裡。指標：')} curl http://127.0.0.1:9464/metrics`,
  },
} satisfies Readonly<Record<string, ExampleProgram>>;

export type ExampleName = keyof typeof ALL;

export const EXAMPLES: Readonly<Record<ExampleName, ExampleProgram>> = ALL;

/** The test merchant that the vendor publishes, and another one for the example with several. */
export const MERCHANTS = [
  { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' },
  { merchantNo: '6000001', key: 'the key of another merchant' },
];

export function isExampleName(name: string): name is ExampleName {
  return name in EXAMPLES;
}
