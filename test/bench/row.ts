import { ratios, type Spread, spreadOf } from './measure.js';

/** What figures are in. */
export type Unit = '/s' | 'ms' | 'MB' | 'bytes' | 'packages';

/** What the ratio of a row is to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** The floor or peer that stands beside it. */
  readonly beside?: string;
  readonly unit: Unit;
  readonly floor?: Spread;
  readonly measured: Spread;
  /** Measured by floor, round by round. */
  readonly ratio?: Spread;
  readonly target?: Target | ExtraTarget;
}

/** For rows that are to be at most so much more than their floor, in their unit. */
export interface ExtraTarget {
  readonly atMostMore: number;
}

/** What a row says beside its figures. */
export interface RowHead {
  readonly what: string;
  readonly beside: string;
  readonly unit: Unit;
  readonly target?: Target | ExtraTarget;
}

/** A row of two sides that were measured in turn. */
export function compared(head: RowHead, floor: readonly number[] = [], measured: readonly number[] = []): Row {
  return {
    ...head,
    floor: spreadOf(floor),
    measured: spreadOf(measured),
    ratio: spreadOf(ratios(measured, floor)),
  };
}

/** A row that is only told. */
export function told(what: string, unit: Unit, figures: readonly number[]): Row {
  return { what, unit, measured: spreadOf(figures) };
}

/** Whether a row reached what it is to reach; undefined when it is to reach nothing. */
export function isReached({ target, ratio, floor, measured }: Row): boolean | undefined {
  if (!target || !ratio || !floor) return undefined;
  if ('atLeast' in target) return ratio.median >= target.atLeast;
  if ('atMost' in target) return ratio.median <= target.atMost;
  return measured.median - floor.median <= target.atMostMore;
}
