import { describe, it } from '@jest/globals';
import { ledgerStoreConformance } from '../../conformance.js';
import { MemoryStore } from './memory-store.js';

describe('MemoryStore', () => {
  const cases = ledgerStoreConformance(() =>
    Promise.resolve({ store: new MemoryStore(), close: () => Promise.resolve() }),
  );
  for (const conformance of cases) it(conformance.name, () => conformance.run());
});
