import { systemErrorCode } from '../errors.js';
import { CommandError } from './errors.js';

/** The address of a running emulator, and how long its answers may take, in milliseconds. */
export interface ControlOptions {
  readonly url: string;
  readonly timeout: number;
}

/** Speaks with the control API of a running emulator. */
export class ControlClient {
  readonly url: string;
  readonly #timeoutMs: number;

  constructor({ url, timeout }: ControlOptions) {
    this.url = url;
    this.#timeoutMs = timeout;
  }

  /** @throws CommandError when nothing answers in time, or when the emulator refuses; the message is then the emulator's */
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
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const { response, text } = await this.#exchange(path, { ...init, signal }).catch((error: unknown) => {
      if (signal.aborted) throw this.#late();
      const code = error instanceof Error ? systemErrorCode(error.cause) : undefined;
      throw new CommandError(
        `No emulator answers at ${this.url}${code ? ` (${code})` : ''}. Start one with npx wanpay-emulator, or give its ` +
          'address with --url or WANPAY_EMULATOR_URL.',
      );
    });
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer;
    throw new CommandError(
      messageOf(answer) ??
        `${this.url} is no emulator: HTTP ${response.status}. Give its address with --url or WANPAY_EMULATOR_URL.`,
    );
  }

  async #exchange(path: string, init: RequestInit): Promise<{ readonly response: Response; readonly text: string }> {
    const response = await fetch(`${this.url}/api/${path}`, init);
    return { response, text: await response.text() };
  }

  #late(): CommandError {
    return new CommandError(
      `${this.url} has not answered within ${this.#timeoutMs / 1000} s. Look at the emulator’s terminal: if it hangs, start it ` +
        'again; if it is busy, wait longer with --timeout. What you asked for may have been done.',
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(answer: unknown): string | undefined {
  const hasMessage = typeof answer === 'object' && answer !== null && 'message' in answer;
  return hasMessage && typeof answer.message === 'string' ? answer.message : undefined;
}
