import { quantile } from '../bench/measure.js';

/** What must not grow, and by how much its median may differ all the same. */
export interface Measure<Row> {
  readonly name: string;
  readonly unit: string;
  readonly of: (row: Row) => number;
  /** The median of the last quarter is at most so many times that of the second one, and so much more. */
  readonly atMostTimes: number;
  readonly atMostMore: number;
}

/** How a measure went on. */
export interface Growth {
  readonly name: string;
  readonly unit: string;
  readonly second: number;
  readonly last: number;
  readonly most: number;
  readonly isWithin: boolean;
}

/** Compares the medians of the second and the last quarter of the rows. */
export function growthOf<Row>(rows: readonly Row[], measures: readonly Measure<Row>[]): readonly Growth[] {
  const quarter = Math.floor(rows.length / 4);
  return measures.map(({ name, unit, of, atMostTimes, atMostMore }) => {
    const second = quantile(rows.slice(quarter, 2 * quarter).map(of), 0.5);
    const last = quantile(rows.slice(rows.length - quarter).map(of), 0.5);
    const most = second * atMostTimes + atMostMore;
    return { name, unit, second, last, most, isWithin: last <= most };
  });
}
