import { Injectable, Logger } from '@nestjs/common';
import { type Cancel } from '../clock/clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { Changes } from '../journal/changes.js';
import { Snapshots } from './snapshot.js';
import { writeStateFile } from './state-file.js';

/** How long after a change the file is written, in milliseconds of real time. */
const LEAST_PAUSE_MS = 200;
/** A long file is written less often, so that writing takes at most a tenth of the time. */
const PAUSE_PER_WRITING = 9;

/** Keeps the file of the state up to date, when one was asked for. */
@Injectable()
export class StateKeeper {
  #unwatch: Cancel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #pauseMs = LEAST_PAUSE_MS;

  constructor(
    private readonly settings: EmulatorSettings,
    private readonly changes: Changes,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Writes the file at once, so that one that cannot be written is known at the start, and from then on after changes.
   *
   * @throws StateFileError
   */
  async start(): Promise<void> {
    const { dataFile } = this.settings;
    if (dataFile === undefined) return;
    await writeStateFile(dataFile, this.snapshots.take());
    this.#unwatch = this.changes.watch(() => {
      this.#writeSoon(dataFile);
    });
    // Requests may have come while it was written.
    this.#writeSoon(dataFile);
  }

  /** Writes what has changed since, and stops. */
  async close(): Promise<void> {
    if (!this.#unwatch || this.settings.dataFile === undefined) return;
    this.#unwatch();
    clearTimeout(this.#timer);
    await this.#write(this.settings.dataFile);
  }

  #writeSoon(path: string): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write(path);
    }, this.#pauseMs);
  }

  #write(path: string): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow(path));
    return this.#writing;
  }

  async #writeNow(path: string): Promise<void> {
    const startedMs = performance.now();
    try {
      await writeStateFile(path, this.snapshots.take());
    } catch (error) {
      new Logger('State').error(error);
    }
    this.#pauseMs = Math.max(LEAST_PAUSE_MS, (performance.now() - startedMs) * PAUSE_PER_WRITING);
  }
}
