import type { DiscoveryService, ModuleRef } from '@nestjs/core';
import type { Emitter } from './delivery/event-broadcaster.js';

/** The host's `EventEmitter2`; undefined where it has none. */
export async function findEmitter(discovery: DiscoveryService, modules: ModuleRef): Promise<Emitter | undefined> {
  // Where no provider is one, its package is not worth loading only because it is installed.
  if (!discovery.getProviders().some(({ token }) => isEmitterClass(token))) return undefined;
  const token = await importEmitterToken();
  if (!token) return undefined;
  try {
    return modules.get<Emitter>(token, { strict: false });
  } catch {
    return undefined;
  }
}

/** `EventEmitter2` or a class like it. */
function isEmitterClass(token: unknown): boolean {
  return typeof token === 'function' && 'emitAsync' in (token.prototype ?? {});
}

/** @nestjs/event-emitter is an optional peer. */
async function importEmitterToken(): Promise<(abstract new () => Emitter) | undefined> {
  try {
    return (await import('@nestjs/event-emitter')).EventEmitter2;
  } catch {
    return undefined;
  }
}
