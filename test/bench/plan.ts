import type { PostgresServer } from '../servers/postgres.js';
import type { HostProcesses } from './host/remote.js';
import type { Rounds } from './measure.js';
import type { Row } from './row.js';

/** How a run of the benches is made. */
export interface Plan {
  /** Whether it is only to show that everything runs. */
  readonly smoke: boolean;
  readonly rounds: Rounds;
  /** Where the processes that are measured leave their CPU profiles. */
  readonly profileFolder?: string;
  readonly hosts: HostProcesses;
  /** The address of a PostgreSQL of one's own for what takes long to load, which keeps what was loaded. */
  readonly server?: string;
  /** A PostgreSQL that waits for the disk at each commit, shared by all that ask for it. */
  readonly postgres: () => Promise<PostgresServer>;
}

/** What a group of rows came to. */
export interface Result {
  readonly rows: readonly Row[];
  /** What cannot be told in a row: plans of queries, lists of packages. */
  readonly notes?: readonly Note[];
}

/** Some text that belongs to a result. */
export interface Note {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Measures a group of rows. */
export type Bench = (plan: Plan) => Promise<Result>;
