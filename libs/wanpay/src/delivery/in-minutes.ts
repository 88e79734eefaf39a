const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** A span of time in words, such as `3 minutes`: in the largest unit of which there are at least two, or the smallest. */
export function inMinutes(ms: number): string {
  const [name, unit] = UNITS.find(([, size]) => ms >= 2 * size) ?? ['second', 1000];
  const count = Math.max(Math.round(ms / unit), 1);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
