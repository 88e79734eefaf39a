/** One side of a comparison: does its work once and tells what that came to, in its row's unit. */
export type Side = (round: number) => Promise<number> | number;

/** How often each side is measured. */
export interface Rounds {
  /** Not counted: compilers, caches and pools get warm. */
  readonly warmUp: number;
  readonly counted: number;
}

/** What came out of several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const NANOSECONDS_PER_SECOND = 1e9;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Measures the sides in turn, again and again, so that whatever slows the machine for a while slows all of them.
 *
 * @returns the figures of each side, by round
 */
export async function alternate(sides: readonly Side[], { warmUp, counted }: Rounds): Promise<readonly number[][]> {
  const figures = sides.map((): number[] => []);
  for (let round = 0; round < warmUp + counted; round += 1) {
    for (const [i, side] of sides.entries()) {
      const figure = await side(round);
      if (round >= warmUp) figures[i]?.push(figure);
    }
  }
  return figures;
}

/** The median of figures, and how far they lie apart. */
export function spreadOf(figures: readonly number[]): Spread {
  return { median: quantile(figures, 0.5), min: Math.min(...figures), max: Math.max(...figures) };
}

/** Each figure against the one of the other side in the same round. */
export function ratios(measured: readonly number[], beside: readonly number[]): readonly number[] {
  return measured.map((figure, round) => figure / (beside[round] ?? Number.NaN));
}

/** The figure below which a share of all figures lie, 0 to 1; between two figures, a mixture of them. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** How long something takes, in milliseconds. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / NANOSECONDS_PER_MS;
}

/** How many times a second something synchronous can be done; `work` does it `times` times. */
export function rate(work: () => void, times: number, atLeastMs: number): number {
  const start = process.hrtime.bigint();
  let done = 0;
  let elapsed = 0;
  while (elapsed < atLeastMs * NANOSECONDS_PER_MS) {
    work();
    done += times;
    elapsed = Number(process.hrtime.bigint() - start);
  }
  return (done / elapsed) * NANOSECONDS_PER_SECOND;
}

/** Does a piece of work for each item, with so many under way at once; returns how many a second. */
export async function rateOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  const left = items.values();
  const elapsed = await milliseconds(() =>
    Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const item of left) await work(item);
      }),
    ),
  );
  return (items.length / elapsed) * 1000;
}
