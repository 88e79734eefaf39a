import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type CanActivate, HttpException, Injectable, type Type } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { isObservable, lastValueFrom } from 'rxjs';
import { reasonOf } from './protocol/cause.js';
import { type Trial, trialOf } from './trial-request.js';

/** What a guard made of a notification without a login. */
export type Verdict =
  | { readonly kind: 'admits' }
  /** It refuses, or answers by itself; `how` is a status, or what it did. */
  | { readonly kind: 'refuses'; readonly how: string }
  | { readonly kind: 'fails'; readonly reason: string }
  /** It had not decided when it was given up. */
  | { readonly kind: 'waits' };

interface Heard {
  readonly guard: CanActivate;
  readonly decorations: readonly unknown[];
  readonly verdict: Promise<Verdict>;
}

/** A guard that takes longer waits for something that may not be there yet. */
export const TRIAL_PATIENCE_MS = 1000;
const FORBIDDEN = '403';
/** Where Nest keeps a controller's path, in which two instances always differ. */
const PATH_METADATA = 'path';

/** Asks each global guard of the application once, however many instances want to know: it may write when it is asked. */
@Injectable()
export class GuardTrials {
  private readonly heard: Heard[] = [];

  /** What the guard makes of a notification to a controller, or to another one that is decorated in the same way. */
  verdictOf(guard: CanActivate, controller: Type, path: string): Promise<Verdict> {
    const decorations = decorationsOf(controller);
    const before = this.heard.find(
      (other) => other.guard === guard && isDeepStrictEqual(other.decorations, decorations),
    );
    if (before) return before.verdict;
    const verdict = judge(guard, controller, trialOf(path));
    this.heard.push({ guard, decorations, verdict });
    return verdict;
  }
}

async function judge(guard: CanActivate, controller: Type, trial: Trial): Promise<Verdict> {
  try {
    const admitted = await Promise.race([
      answerOf(guard, controller, trial),
      sleep(TRIAL_PATIENCE_MS, 'none', { ref: false }),
    ]);
    // A guard that answers by itself, such as with a redirection to a login, may let Nest go on all the same.
    if (trial.answer !== undefined) return { kind: 'refuses', how: trial.answer };
    if (admitted === 'none') return { kind: 'waits' };
    return admitted === true ? { kind: 'admits' } : { kind: 'refuses', how: FORBIDDEN };
  } catch (error) {
    if (error instanceof HttpException) return { kind: 'refuses', how: String(error.getStatus()) };
    return { kind: 'fails', reason: reasonOf(error) };
  }
}

async function answerOf(guard: CanActivate, controller: Type, { request, response }: Trial): Promise<unknown> {
  const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, 'receive')?.value;
  const context = new ExecutionContextHost(
    [request, response, () => undefined],
    controller,
    typeof handler === 'function' ? handler : null,
  );
  const answer = await guard.canActivate(context);
  return isObservable(answer) ? lastValueFrom(answer) : answer;
}

/** What decorators have noted on a controller, the host's own among them. */
function decorationsOf(controller: Type): readonly unknown[] {
  return Reflect.getMetadataKeys(controller)
    .filter((key) => key !== PATH_METADATA)
    .map((key): readonly [unknown, unknown] => [key, Reflect.getMetadata(key, controller)]);
}
