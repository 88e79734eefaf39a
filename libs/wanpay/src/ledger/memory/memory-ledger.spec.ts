import { describe, it } from '@jest/globals';
import { ledgerConformance } from '../conformance.js';
import { MemoryLedger } from './memory-ledger.js';

describe('MemoryLedger', () => {
  const cases = ledgerConformance(() =>
    Promise.resolve({ ledger: new MemoryLedger(), close: () => Promise.resolve() }),
  );
  for (const conformance of cases) it(conformance.name, () => conformance.run());
});
