import { rm } from 'node:fs/promises';
import { buildBundles } from './bundles.js';
import { buildDeclarations, copyDeclarationsForCommonJs } from './declarations.js';
import { distOf, type Library } from './library.js';

/** Builds a library: types, ES modules, CommonJS and programs. */
export async function buildLibrary(library: Library): Promise<void> {
  await rm(distOf(library), { recursive: true, force: true });
  await Promise.all([buildDeclarations(library), buildBundles(library)]);
  await copyDeclarationsForCommonJs(library);
}
