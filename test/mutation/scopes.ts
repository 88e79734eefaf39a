import { readdirSync } from 'node:fs';

/** A part of the library, and the specs that alone must notice a change of it: none needs a server or a Nest application. */
export interface Scope {
  readonly mutate: readonly string[];
  readonly specs: readonly string[];
}

const PROTOCOL = 'libs/wanpay/src/protocol';
const LEDGER = 'libs/wanpay/src/ledger';
const NOTIFICATIONS = 'libs/wanpay/src/notifications';

/** The rules: functions of values. */
const RULES = [
  'check-schedule',
  'cursor',
  'delivery-id',
  'events',
  'order-key',
  'payer',
  'payment',
  'record',
  'settle',
  'stored-event',
  'timeline',
  'transfer',
];

/** What applies the rules to a store. */
const KERNEL = ['deliveries', 'group-commit', 'ledger', 'order-writer', 'record-cache'];

export const SCOPES: Readonly<Record<string, Scope>> = {
  protocol: { mutate: [`${PROTOCOL}/*.ts`, `!${PROTOCOL}/*.spec.ts`], specs: specsOf(PROTOCOL) },
  verifier: { mutate: [`${NOTIFICATIONS}/verifier.ts`], specs: [`${NOTIFICATIONS}/verifier.spec.ts`] },
  'state-machine': { mutate: sourcesOf(LEDGER, RULES), specs: specsOf(LEDGER, RULES) },
  kernel: {
    mutate: sourcesOf(LEDGER, KERNEL),
    specs: [...specsOf(LEDGER, KERNEL), `${LEDGER}/stores/memory/memory-store.spec.ts`],
  },
};

function sourcesOf(folder: string, names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}.ts`);
}

function specsOf(folder: string, names?: readonly string[]): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.spec.ts') && (names?.includes(file.slice(0, -'.spec.ts'.length)) ?? true))
    .map((file) => `${folder}/${file}`);
}
