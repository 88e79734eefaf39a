import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A value that only those see who ask for it: printed, in JSON, in a text, or copied, it shows nothing. */
export class Secret<Value = string> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
