const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];
/** Below this, a tenth of a second matters. */
const SHORT_MS = 10_000;

/** A span of time for people: `0.05 s`, `1.4 s`, `10 s`, `2 min 29 s`, `3 h`, in its two largest units. */
export function describeSpan(ms: number): string {
  if (ms < SHORT_MS) return `${Number((ms / 1000).toFixed(ms < 1000 ? 2 : 1))} s`;
  const exact = Math.round(ms / 1000);
  const largest = UNITS.findIndex(([, size]) => exact >= size);
  const [first, second] = UNITS.slice(largest, largest + 2);
  if (!first || !second) return `${exact} s`;
  // Rounding the smaller unit may fill the larger one.
  const inSecond = Math.round(exact / second[1]);
  const perFirst = first[1] / second[1];
  const rest = inSecond % perFirst;
  const whole = `${Math.floor(inSecond / perFirst)} ${first[0]}`;
  return rest === 0 ? whole : `${whole} ${rest} ${second[0]}`;
}
