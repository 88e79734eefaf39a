/** Nothing, one item or a list. Most orders have one outcome, one event and one delivery, and a list of one takes 56 bytes. */
export type Few<Item extends object> = Item | Item[] | undefined;

export function listOf<Item extends object>(few: Few<Item>): readonly Item[] {
  if (few === undefined) return NOTHING;
  return isList(few) ? few : [few];
}

/** Adds an item; a list is changed in place. */
export function withMore<Item extends object>(few: Few<Item>, item: Item): Few<Item> {
  if (few === undefined) return item;
  if (!isList(few)) return [few, item];
  few.push(item);
  return few;
}

export function fewOf<Item extends object>(list: readonly Item[]): Few<Item> {
  return list.length > 1 ? [...list] : list[0];
}

const NOTHING: readonly never[] = [];

function isList<Item extends object>(few: Item | Item[]): few is Item[] {
  return Array.isArray(few);
}
