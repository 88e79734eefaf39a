import type { Type } from '@nestjs/common';
import { WanPayService } from './wanpay.service.js';

/** Where every copy of this package finds the others. A CommonJS host with a dependency in ES modules loads two. */
const PLACE = Symbol.for('nestjs-wanpay/services/1');

const services = sharedSet();
services.add(WanPayService);

/** The service's classes of the other copies in the process, by which their code asks for the same provider. */
export function servicesOfOtherCopies(): readonly Type[] {
  return [...services].filter((service) => service !== WanPayService);
}

function sharedSet(): Set<Type> {
  const shared: unknown = Reflect.get(globalThis, PLACE);
  if (isSet(shared)) return shared;
  const made = new Set<Type>();
  Object.defineProperty(globalThis, PLACE, { value: made });
  return made;
}

function isSet(value: unknown): value is Set<Type> {
  return value instanceof Set;
}
