import { type Committed, GroupCommit } from '../group-commit.js';
import type { Connection } from './connection.js';

/** Work inside a transaction; what it returns is called once the transaction has committed. */
type Job = () => Answer;
type Answer = () => void;

/**
 * Writes in one transaction, with one wait for the disk, whatever was asked for in the same turn of the event loop.
 *
 * A piece of work that throws is undone alone, by its savepoint. For each savepoint SQLite copies the pages that its work
 * changes, so our own work, which hardly ever throws, is first tried without any.
 */
export class Writer {
  private readonly own = new GroupCommit<Job, Answer>((jobs) => this.commit(() => this.writeAll(jobs)), true);
  private readonly hosts = new GroupCommit<Job, Answer>((jobs) => this.commit(() => this.writeEach(jobs)), true);

  constructor(private readonly connection: Connection) {}

  /**
   * Resolves with what the work returned, once that is on the disk.
   *
   * @param work is called again when it or something beside it throws: it changes nothing but the tables
   */
  write<T>(work: () => T): Promise<T> {
    return submit(this.own, work);
  }

  /** As {@link write}, for work of the host's: in transactions of its own, so that nothing it does there undoes ours. */
  writeForHost<T>(work: () => T): Promise<T> {
    return submit(this.hosts, work);
  }

  /** Resolves when all that was asked for before has been written, or has failed. */
  async drain(): Promise<void> {
    await Promise.allSettled([this.write(nothing), this.writeForHost(nothing)]);
  }

  private commit(write: () => readonly Committed<Answer>[]): Promise<readonly Committed<Answer>[]> {
    return new Promise((resolve) => {
      resolve(write());
    });
  }

  private writeAll(jobs: readonly Job[]): readonly Committed<Answer>[] {
    try {
      return this.transact(() => jobs.map((job) => ({ result: job() })));
    } catch {
      return this.writeEach(jobs);
    }
  }

  private writeEach(jobs: readonly Job[]): readonly Committed<Answer>[] {
    return this.transact(() => jobs.map((job) => this.attempt(job)));
  }

  private transact<T>(work: () => T): T {
    this.connection.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.connection.run('COMMIT');
      return result;
    } catch (error) {
      this.tryTo('ROLLBACK');
      throw error;
    }
  }

  private attempt(job: Job): Committed<Answer> {
    this.connection.run('SAVEPOINT item');
    try {
      const result = job();
      this.connection.run('RELEASE item');
      return { result };
    } catch (error) {
      // A disk that is full undoes the whole transaction, and the savepoint with it: then everything here has failed.
      if (!this.tryTo('ROLLBACK TO item')) throw error;
      this.connection.run('RELEASE item');
      return { error };
    }
  }

  /** False when SQLite has undone it by itself. */
  private tryTo(undo: string): boolean {
    try {
      this.connection.run(undo);
      return true;
    } catch {
      return false;
    }
  }
}

function submit<T>(group: GroupCommit<Job, Answer>, work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const job = (): Answer => {
      const result = work();
      return () => {
        resolve(result);
      };
    };
    group.submit(job).then((answer) => {
      answer();
    }, reject);
  });
}

function nothing(): void {
  // Holds a place in the queue.
}
