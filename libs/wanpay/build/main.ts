import { rm } from 'node:fs/promises';
import { buildBundles } from './bundles.js';
import { buildDeclarations, copyDeclarationsForCommonJs } from './declarations.js';
import { DIST } from './paths.js';

/** Builds the package: types, ES modules, CommonJS and the command line. */
await rm(DIST, { recursive: true, force: true });
await Promise.all([buildDeclarations(), buildBundles()]);
await copyDeclarationsForCommonJs();
