import { type Schema } from '../api/described.js';

/** What there is, for examples to name. */
export interface Example {
  readonly merchantNo: string;
  readonly orderNo: string;
  readonly faultId: string;
}

/** Bodies that do something worth seeing, where not all of what they may hold is needed. */
const BODIES: Readonly<Record<string, unknown>> = {
  '/api/orders': { amount: 1280 },
  '/api/clock': { advanceSeconds: 60 },
  '/api/faults': { kind: 'lost-acknowledgement', times: 1 },
  '/api/merchants': { merchantNo: '21008025', key: 'AnotherTestKey16' },
  '/api/clock/followers/{follower}/arrived': { step: 1 },
};

/** A path with its names filled in. */
export function examplePath(path: string, { merchantNo, orderNo, faultId }: Example): string {
  const names: Readonly<Record<string, string>> = { merchantNo, orderNo, id: faultId, keyId: 'k1', follower: 'none' };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
}

/** A body as JSON: the properties that have an example, or those above. */
export function exampleBody(path: string, properties: Readonly<Record<string, Schema>>): string {
  const examples = Object.entries(properties).flatMap(([name, { example }]) =>
    example === undefined ? [] : [[name, example]],
  );
  return JSON.stringify(BODIES[path] ?? Object.fromEntries(examples));
}
