/** Marks the classes of every copy of this package. A CommonJS host with a dependency in ES modules loads two. */
const BRAND = Symbol.for('wanpay-emulator/copy/1');
/** Tells this copy from the others. */
const THIS_COPY = Symbol('wanpay-emulator');

/** Lets other copies recognise the instances of a class. The mark is on the prototype, so that no log shows it. */
export function brand(prototype: object): void {
  Object.defineProperty(prototype, BRAND, { value: THIS_COPY });
}

/** What `instanceof` says, and the same for an instance of the same class of another copy. */
export function isInstance(constructor: { readonly name: string }, value: unknown): boolean {
  const isOrdinary: boolean = Reflect.apply(Function.prototype[Symbol.hasInstance], constructor, [value]);
  return isOrdinary || (isOfAnotherCopy(value) && classNamesOf(value).includes(constructor.name));
}

function isOfAnotherCopy(value: unknown): value is object {
  return typeof value === 'object' && value !== null && BRAND in value && value[BRAND] !== THIS_COPY;
}

function classNamesOf(value: object): readonly string[] {
  const names: string[] = [];
  for (let at = Reflect.getPrototypeOf(value); at && BRAND in at; at = Reflect.getPrototypeOf(at)) {
    names.push(at.constructor.name);
  }
  return names;
}
