import { AsyncLocalStorage } from 'node:async_hooks';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/** Which storages the current spec file has used. */
const used = new Set();
for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...args) {
    used.add(this);
    return original.apply(this, args);
  };
}

/**
 * Runs a spec file on the global object of Node.js itself, together with `runtime.cjs`. What the file changed there and in the
 * process's environment is put back after it; what was added stays, since it may belong to a package that stays.
 */
export default class MainRealmEnvironment {
  global = globalThis;
  fakeTimers = null;
  moduleMocker = new ModuleMocker(globalThis);
  #globals = Object.getOwnPropertyDescriptors(globalThis);
  #exit = process.exit;
  #variables = { ...process.env };

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    this.#restoreGlobals();
    process.exit = this.#exit;
    for (const name of Object.keys(process.env)) if (!(name in this.#variables)) delete process.env[name];
    Object.assign(process.env, this.#variables);
    // Jest makes one for each spec file, and each that is left makes every later promise of the process dearer.
    for (const storage of used) storage.disable();
    used.clear();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }

  #restoreGlobals() {
    for (const name of Reflect.ownKeys(this.#globals)) {
      const before = this.#globals[name];
      const now = Object.getOwnPropertyDescriptor(globalThis, name);
      if (before.configurable && (now?.value !== before.value || now?.get !== before.get)) {
        Object.defineProperty(globalThis, name, before);
      }
    }
  }
}
