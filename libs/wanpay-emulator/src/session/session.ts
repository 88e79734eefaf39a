import { Injectable } from '@nestjs/common';
import { EmulatorSettings } from '../emulator.settings.js';
import { SessionForgottenError } from '../errors.js';
import { Journal } from '../journal/journal.js';
import { writeScript } from './script.js';

/** What was done since the emulator began, to be done again. */
@Injectable()
export class Session {
  constructor(
    private readonly settings: EmulatorSettings,
    private readonly journal: Journal,
  ) {}

  /**
   * A script for Node.js that replays it: every request as it came and every action, each at its moment.
   *
   * @throws SessionForgottenError when it is longer than the history is kept, or an accepted request was too long for it
   */
  script(): string {
    const entries = this.journal.entries();
    if (!this.journal.isComplete) {
      throw new SessionForgottenError(
        'The session’s beginning was forgotten: begin a new one, or with a greater `historyLimit` and `historyBytes`.',
      );
    }
    const long = this.journal.requests().find((request) => request.length !== undefined && !request.ending?.refusal);
    if (long) {
      throw new SessionForgottenError(
        `Request ${long.number} was too long to be kept whole: begin a session with shorter ones.`,
      );
    }
    return writeScript(entries, this.settings);
  }
}
