import type { Recipe } from './grammar.js';
import { Host, type HostMake } from './host.js';
import { type Fault, type Finding, Judge } from './judge.js';
import { makeMessage } from './message.js';
import { Wire } from './wire.js';
import { orderOf } from './world.js';

/** The orders that a message can be turned to. */
export const MEANT_BY_CHANCE: readonly number[] = Array.from({ length: 500 }, (_, i) => 3 * i);

/** Sends one message alone to a host of its own. */
export async function replay(make: HostMake, recipe: Recipe): Promise<readonly Finding[]> {
  const judge = new Judge();
  const host = await Host.start(make, judge);
  try {
    await host.open([recipe.index, ...MEANT_BY_CHANCE].map(orderOf));
    const wire = new Wire(host.port);
    const message = makeMessage(recipe);
    judge.expect(message);
    judge.judge(message, await wire.send(message));
    wire.close();
  } finally {
    await host.close();
  }
  return judge.findings;
}

/** The message with every step left out without which the fault is still there. */
export async function minimal(make: HostMake, fault: Fault, recipe: Recipe): Promise<Recipe> {
  let least = recipe;
  for (const chosen of recipe.steps) {
    const shorter = { ...least, steps: least.steps.filter((other) => other !== chosen) };
    const found = await replay(make, shorter);
    if (found.some((finding) => finding.fault === fault)) least = shorter;
  }
  return least;
}
