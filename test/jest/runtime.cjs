const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL } = require('node:url');
const { SyntheticModule } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** What is installed or built. It is the same for every spec file, so each worker loads it once. */
const PACKAGE = /[\\/](node_modules|dist)[\\/]/;
/** Asks for the globals of the spec file that imports it. */
const OF_THE_SPEC_FILE = /[\\/]expectations[\\/]jest-globals\.js$/;

/** The packages of this worker, by URL: Node.js's own modules, in a form that Jest can link. */
const packages = new Map();

/**
 * How Jest loads a spec file, without its sandbox: packages are loaded by Node.js itself, once for each worker, and only our
 * own sources anew for each spec file. In Jest's sandbox each file compiled Nest, Express, Fastify and the built libraries
 * again, and ran them cold, which was half of the suite's processor time.
 *
 * Spec files of a worker therefore share the state of packages and the global object (see `environment.js`), and no module
 * can be mocked: pass a fake in, or spy on an object.
 */
module.exports = class PackagesOnceRuntime extends Runtime {
  constructor(...args) {
    if (!SyntheticModule) throw new Error('Jest needs NODE_OPTIONS=--experimental-vm-modules: npm run test:unit.');
    super(...args);
    const loader = this.esmLoader;
    const asJestDoes = loader.resolveModule.bind(loader);
    // No context is the one that Node.js itself runs in.
    loader.getContext = () => undefined;
    loader.resolveModule = async (specifier, from, context) =>
      (await this.#packageAt(specifier, from)) ?? asJestDoes(specifier, from, context);
    // Jest has a second, synchronous loader, and leaves it alone for the sake of such a resolver.
    this._resolution.hasDistinctAsyncResolver = () => true;
  }

  async #packageAt(specifier, from) {
    if (isBuiltin(specifier)) return packageOf(specifier);
    if (specifier === '@jest/globals' || specifier.startsWith('data:')) return undefined;
    const path = await this._resolution.resolveEsmAsync(from, specifier);
    return this.#isPackage(path) ? packageOf(pathToFileURL(path).href) : undefined;
  }

  #isPackage(path) {
    if (path.endsWith('.json') || OF_THE_SPEC_FILE.test(path)) return false;
    return PACKAGE.test(path) || !this.unstable_shouldLoadAsEsm(path);
  }

  /** Jest's own parts, of which only the one that holds a spec file's tests is loaded anew. */
  requireInternalModule(from, to) {
    if (to === undefined) {
      delete globalThis[Symbol.for('EVENT_HANDLERS')];
      delete require.cache[from];
    }
    return createRequire(from)(to ?? from);
  }

  setMock() {
    refuseMock();
  }

  setModuleMock() {
    refuseMock();
  }
};

function packageOf(url) {
  const known = packages.get(url);
  if (known) return known;
  const loading = load(url);
  packages.set(url, loading);
  return loading;
}

async function load(url) {
  const exported = await import(url);
  const names = Object.keys(exported);
  const module = new SyntheticModule(
    names,
    () => {
      for (const name of names) module.setExport(name, exported[name]);
    },
    { identifier: url },
  );
  if (module.status === 'unlinked') await module.link(() => undefined);
  await module.evaluate();
  return module;
}

function refuseMock() {
  throw new Error('Modules are loaded once for all spec files of a worker: pass a fake in instead of mocking a module');
}
