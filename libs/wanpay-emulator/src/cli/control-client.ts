import { systemErrorCode } from '../errors.js';
import { CommandError } from './errors.js';

/** Speaks with the control API of a running emulator. */
export class ControlClient {
  constructor(readonly url: string) {}

  /** @throws CommandError when nothing answers, or it refuses, with its own words */
  async get(path: string): Promise<unknown> {
    return this.#ask(path);
  }

  /** @throws CommandError as {@link get} does */
  async post(path: string, body: object): Promise<unknown> {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`${this.url}/api/${path}`, init).catch((error: unknown) => {
      const code = error instanceof Error ? systemErrorCode(error.cause) : undefined;
      throw new CommandError(
        `No emulator answers at ${this.url}${code ? ` (${code})` : ''}. Start one with npx wanpay-emulator, or give its ` +
          'address with --url or WANPAY_EMULATOR_URL.',
      );
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && answer !== undefined) return answer;
    throw new CommandError(messageOf(answer) ?? `${this.url} is no emulator: HTTP ${response.status}.`);
  }
}

function messageOf(answer: unknown): string | undefined {
  const hasMessage = typeof answer === 'object' && answer !== null && 'message' in answer;
  return hasMessage && typeof answer.message === 'string' ? answer.message : undefined;
}
