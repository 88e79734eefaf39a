import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { Changes, TOPICS } from '../journal/changes.js';
import { Notifier } from '../notifications/notifier.js';
import { ApplicationClocks } from '../platform/application-clocks.js';
import { Snapshots } from '../state/snapshot.js';
import { writeStateFile } from '../state/state-file.js';

/** Begins again at the present moment, and keeps what has been as a file. */
@Injectable()
export class FreshSession {
  #keptIn: string | undefined;

  constructor(
    private readonly settings: EmulatorSettings,
    private readonly clock: VirtualClock,
    private readonly notifier: Notifier,
    private readonly snapshots: Snapshots,
    private readonly applications: ApplicationClocks,
    private readonly changes: Changes,
  ) {}

  /** The file of the session before, which `--data` reads; undefined when this is the first. */
  get keptIn(): string | undefined {
    return this.#keptIn;
  }

  /** The folder in which sessions are kept: that of the file of the state, or the machine's for temporary files. */
  get folder(): string {
    return this.settings.dataFile === undefined ? tmpdir() : dirname(this.settings.dataFile);
  }

  /**
   * Forgets orders, requests, notifications and armed faults, once the attempts in flight have ended. The merchants stay, and the
   * clock runs from the present moment.
   *
   * @returns the file that has the session before
   * @throws StateFileError when that cannot be written; then nothing has changed
   */
  async begin(): Promise<string> {
    await this.notifier.idle();
    const file = join(this.folder, `wanpay-session-${new Date().toISOString().replace(/\W/g, '')}.json`);
    await writeStateFile(file, this.snapshots.take());
    this.snapshots.clear();
    this.#keptIn = file;
    await this.clock.set(new Date());
    this.applications.clear();
    this.clock.resume();
    for (const topic of TOPICS) this.changes.tell({ topic });
    return file;
  }
}
