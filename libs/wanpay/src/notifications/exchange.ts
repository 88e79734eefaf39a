import { tellable } from '../protocol/errors.js';
import type { NotificationRefusedError } from './errors.js';
import type { VerifiedNotification } from './verifier.js';

/** One request to the notification route: what was read of it, and what became of it. */
export class Exchange {
  /** The peer's address, as the host's trust-proxy setting has it. */
  source?: string | undefined;
  /** The body as it came, or as much of it as was read. */
  bytes?: Buffer;
  /** The body's fields, as far as they could be told; nothing in them was checked. */
  body: unknown;
  /** Why the body can't be used; looked at once the source address was. */
  problem?: NotificationRefusedError;
  /** Resolves when there is a body or a problem; absent when there is already. */
  reading?: Promise<void>;
  verified?: VerifiedNotification;
  /** Why the module answers with an error: a refusal, or the failure of what it stands on, such as the database. */
  trouble?: Error;
  isAcknowledged = false;
  /** Whether the controller has answered, in whatever way. */
  isAnswered = false;
  isReported = false;
  isWatched = false;
  isRead = false;
  /** The headers that were hidden from other parsers. */
  hidden?: Record<string, string | string[] | undefined>;

  /** Keeps why the module answers with an error. */
  failWith(error: unknown): Error {
    this.trouble = tellable(error);
    return this.trouble;
  }
}
