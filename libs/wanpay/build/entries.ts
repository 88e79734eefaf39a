/** The package's doors: each at the same path in the sources, the types and both formats. */
export const ENTRIES = [
  'index',
  'protocol/index',
  'ledger/index',
  'ledger/conformance',
  'ledger/stores/sqlite/index',
  'ledger/stores/postgres/index',
  'bullmq/index',
  'health/index',
  'telemetry/index',
  'transactions/index',
];

/** The command line: the program, and what tests call. */
export const COMMAND_LINE = ['cli/main', 'cli/command'];
