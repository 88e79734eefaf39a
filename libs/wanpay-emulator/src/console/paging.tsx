import { type JSX } from 'preact';
import { useConsole } from './surroundings.js';

const PAGE_SIZE = 50;

/** One page of a long list. */
export interface PageOf<T> {
  readonly items: readonly T[];
  /** From 1. */
  readonly number: number;
  readonly last: number;
}

/**
 * A page of a list, the newest first.
 *
 * @param all the oldest first
 * @param number what a person asked for, which may be anything
 */
export function pageOf<T>(all: readonly T[], number: string | undefined): PageOf<T> {
  const last = Math.max(1, Math.ceil(all.length / PAGE_SIZE));
  const asked = /^\d{1,9}$/.test(number ?? '') ? Number(number) : 1;
  const current = Math.min(Math.max(asked, 1), last);
  const end = all.length - (current - 1) * PAGE_SIZE;
  return { items: all.slice(Math.max(0, end - PAGE_SIZE), end).toReversed(), number: current, last };
}

interface PagingProps {
  readonly page: PageOf<unknown>;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Links to the pages around; nothing when there is one page. */
export function Paging({ page: { number, last }, path, query = {} }: PagingProps): JSX.Element | null {
  const { say } = useConsole();
  if (last === 1) return null;
  const link = (to: number): string => `${path}?${new URLSearchParams({ ...query, page: String(to) }).toString()}`;
  return (
    <nav aria-label={say('Pages', '頁次')} class="row">
      {number > 1 ? <a href={link(number - 1)}>{say('Newer', '較新')}</a> : null}
      <span>{say(`Page ${number} of ${last}`, `第 ${number} 頁，共 ${last} 頁`)}</span>
      {number < last ? <a href={link(number + 1)}>{say('Older', '較舊')}</a> : null}
    </nav>
  );
}
