import type { Type } from '@nestjs/common';

/** The name of an instance that was given none. */
export const DEFAULT_INSTANCE = 'default';

/** What tells the module's instances in one host apart. */
export interface WanPayInstance {
  readonly name: string;
  /** Where it receives notifications, below the host's global prefix. */
  readonly path: string;
  /** Receives them; absent where this process receives none. */
  readonly controller?: Type;
  /** Mistakes in how it was imported, each in words. */
  readonly problems?: readonly string[];
}

/** The injection token of the {@link WanPayInstance}, in every copy of this package: they must not share a name either. */
export const INSTANCE = Symbol.for('nestjs-wanpay/instance/1');
/** The injection token of the checked options, `WanPaySettings`. */
export const SETTINGS = Symbol('WanPaySettings');
