const DEADLINE_MS = 120_000;

/** A whole number from `least` to `most`, both included. */
export function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

/** Waits for a condition, looking once per turn of the event loop; rejects after two minutes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${DEADLINE_MS} ms for ${String(condition)}.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
