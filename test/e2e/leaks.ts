import { format, inspect, types } from 'node:util';
import { serialize } from 'node:v8';

/** A text that may be found nowhere, under a name that may be printed. */
export type Planted = Readonly<Record<string, string | RegExp>>;

/** As far as anybody would ever print. */
const EVERYTHING = { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null } as const;

/** The ways in which a value becomes a text: what a host's log, a debugger or an error tracker does with it. */
const WRITERS: Readonly<Record<string, (value: unknown) => string>> = {
  inspect: (value) => inspect(value, EVERYTHING),
  'inspect without customInspect': (value) => inspect(value, { ...EVERYTHING, customInspect: false }),
  'format %o': (value) => format('%o', value),
  'format %O': (value) => format('%O', value),
  'format %j': (value) => format('%j', value),
  'format %s': (value) => format('%s', value),
  'JSON.stringify': (value) => JSON.stringify([value]),
  structuredClone: (value) => inspect(structuredClone(value), EVERYTHING),
  'v8.serialize': (value) => serialize(value).toString('latin1'),
};

/**
 * Where a value gives away what is planted, each as `path: name`: by reading every property that it has, hidden ones and
 * those of what it holds included, and by every way of writing it down.
 */
export function findLeaks(name: string, value: unknown, planted: Planted): readonly string[] {
  const reached = findInProperties(name, value, planted);
  // What can be reached in so many steps would be written down at a length that no memory holds.
  return reached.length > 0 ? reached : findInTexts(name, value, planted);
}

/** The names of what is planted that a text holds. */
export function plantedIn(text: string, planted: Planted): readonly string[] {
  return Object.entries(planted).flatMap(([name, secret]) =>
    (typeof secret === 'string' ? text.includes(secret) : secret.test(text)) ? [name] : [],
  );
}

function findInTexts(name: string, value: unknown, planted: Planted): readonly string[] {
  return Object.entries(WRITERS).flatMap(([writer, write]) =>
    plantedIn(written(write, value), planted).map((secret) => `${writer}(${name}): ${secret}`),
  );
}

/** Many values can't be cloned or turned into JSON; then nothing is given away. */
function written(write: (value: unknown) => string, value: unknown): string {
  try {
    return write(value);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

function findInProperties(name: string, value: unknown, planted: Planted): readonly string[] {
  const seen = new Set<unknown>();
  const found: string[] = [];
  const waiting: { readonly path: string; readonly value: unknown }[] = [{ path: name, value }];
  for (const { path, value: current } of waiting) {
    if (typeof current === 'string') found.push(...plantedIn(current, planted).map((secret) => `${path}: ${secret}`));
    if (!isObject(current) || seen.has(current) || types.isProxy(current)) continue;
    seen.add(current);
    if (ArrayBuffer.isView(current)) {
      const text = Buffer.from(current.buffer, current.byteOffset, current.byteLength).toString('latin1');
      found.push(...plantedIn(text, planted).map((secret) => `${path}: ${secret}`));
      continue;
    }
    for (const [key, held] of contentsOf(current)) waiting.push({ path: `${path}.${key}`, value: held });
  }
  return found;
}

function contentsOf(value: object): (readonly [string, unknown])[] {
  const contents: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    if (descriptor && 'value' in descriptor) contents.push([String(key), descriptor.value], ['(key)', String(key)]);
  }
  if (types.isMap(value)) {
    for (const [key, entry] of value) contents.push(['(map key)', key], [`(${nameOf(key)})`, entry]);
  }
  if (types.isSet(value)) for (const entry of value) contents.push(['(entry)', entry]);
  return contents;
}

function nameOf(key: unknown): string {
  return typeof key === 'function' ? key.name : inspect(key, { depth: 0 });
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
